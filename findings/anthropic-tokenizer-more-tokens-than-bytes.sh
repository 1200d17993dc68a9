#!/usr/bin/env bash
# The public tokenizer for Claude returns more tokens than a text has bytes, because it rewrites the text first.
#
# Guess: a byte-level tokenizer never returns more tokens than the text has UTF-8 bytes, so the number of bytes is a
# safe upper bound for a price.
# Seen: `countTokens` of @anthropic-ai/tokenizer 0.0.4 converts the text to Unicode form NFKC before it counts. One
# Arabic ligature of 3 bytes (U+FDFA, used in running text after the Prophet's name) becomes 18 letters and more than
# 3 tokens.
# Why it matters here: a cap on spending reserves a worst case before each request. The bytes of the original text are
# not an upper bound for such a tokenizer. The bytes of the longer of the original and the NFKC form are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund '@anthropic-ai/tokenizer@0.0.4' >/dev/null
cat > count.cjs <<'END'
const { countTokens } = require('@anthropic-ai/tokenizer');
let changed = 0;
for (const [text, more] of [['\uFDFA'.repeat(100), true], ['Ngân hàng giữ lãi suất', false], ['中央銀行維持利率', false]]) {
  const bytes = Buffer.byteLength(text), folded = Buffer.byteLength(text.normalize('NFKC')), tokens = countTokens(text);
  console.log(`${text.slice(0, 12)}… bytes ${bytes}, bytes in NFKC ${folded}, tokens ${tokens}`);
  if ((tokens > bytes) !== more || tokens > folded) changed++;
}
process.exit(changed ? 1 : 0);
END
node count.cjs
