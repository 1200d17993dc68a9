#!/usr/bin/env bash
# wcwidth 0.9.4 measures a word in Burmese or Arabic wider or narrower than its graphemes together.
#
# Guess: `width(text)` equals the sum of `width(g)` over `iter_graphemes(text)`, so a line may be filled cluster by cluster.
# Seen: the two differ in both directions. A vowel sign that is a grapheme of its own adds a cell only after its consonant
# (Burmese), and a joiner joins two letters that count as two graphemes (Arabic). One grapheme can be many cells wide (Thai).
# Why it matters here: text that is cut or wrapped for the terminal by adding up clusters runs over the edge of the window.
# Dragoman joins such graphemes into one cluster, measures that, and splits it when it is wider than two cells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'wcwidth==0.9.4'
"$folder/venv/bin/python" - <<'END'
from wcwidth import iter_graphemes, width

SEEN = [
    ("Burmese", "\u1019\u102c", 2, [1, 0]),
    ("Burmese", "\u1019\u103c\u1014\u103a\u1019\u102c", 5, [2, 1, 1, 0]),
    ("Arabic", "\u0647\u200d\u0627", 1, [1, 1]),
    ("Bengali", "\u09a8\u09bf\u09b0\u09cd\u09ac\u09be\u099a\u09a8", 6, [2, 2, 1, 1]),
]
changed = 0
for script, text, whole, parts in SEEN:
    got = (width(text), [width(grapheme) for grapheme in iter_graphemes(text)])
    print(f"{script:8} {text} width {got[0]}, graphemes {got[1]}", "" if got == (whole, parts) else f"(was {whole}, {parts})")
    changed += got != (whole, parts)
raise SystemExit(bool(changed))
END
