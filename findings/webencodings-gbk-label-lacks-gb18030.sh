#!/usr/bin/env bash
# webencodings 0.6.1 decodes pages that declare `gbk` without the characters that the standard gives them.
#
# Guess: `webencodings.decode(content, "gbk")` decodes as the WHATWG Encoding standard says, because the package exists to
# implement that standard. The standard reads GBK with the decoder of GB 18030.
# Seen: the label resolves to a codec that knows neither the four-byte characters nor GB 18030's additions: a rare
# character in a person's name becomes two U+FFFD and two digits. With the label `gb18030` it is right.
# Why it matters here: Chinese news pages that declare GBK (or GB2312, which is the same label) contain such names. Dragoman
# takes the label from webencodings and corrects the codec, because a quote with U+FFFD cannot be located.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'webencodings==0.6.1'
"$folder/venv/bin/python" - <<'END'
import webencodings

SEEN = [
    ("gbk", "中文", "中文"),
    ("gbk", "𠮷", "\ufffd4\ufffd5"),
    ("gb2312", "𠮷", "\ufffd4\ufffd5"),
    ("gb18030", "𠮷", "𠮷"),
]
changed = 0
for label, written, seen in SEEN:
    got = webencodings.decode(written.encode("gb18030"), label)[0]
    print(f"{label:8} {written!r} -> {got!r}", "" if got == seen else f"(was {seen!r})")
    changed += got != seen
raise SystemExit(bool(changed))
END
