#!/usr/bin/env bash
# rich 15.0.0 and wcwidth 0.9.4 give the same Bengali, Tamil, Hindi or Burmese word different widths.
#
# Guess: both follow the Unicode tables, so `rich.cells.cell_len` and `wcwidth.width` agree on ordinary words.
# Seen: they agree on Chinese, Korean, Thai and Arabic. For these words in Bengali, Tamil, Hindi
# and Burmese rich counts one or two cells fewer.
# Why it matters here: a table that rich lays out beside lines measured with wcwidth does not line up. Dragoman uses one of
# them, wcwidth, for all text of articles.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'rich==15.0.0' 'wcwidth==0.9.4'
"$folder/venv/bin/python" - <<'END'
from rich.cells import cell_len
from wcwidth import width

SEEN = [
    ("Chinese", "日本", 4, 4), ("Korean", "한국어", 6, 6), ("Thai", "ภาษาไทย", 7, 7), ("Arabic", "العربية", 7, 7),
    ("Bengali", "নির্বাচন", 5, 6), ("Tamil", "தமிழ்", 3, 4), ("Hindi", "अमेज़ॉन क्षत्रिय हिन्दी", 14, 16),
    ("Burmese", "မြန်မာ", 3, 5),
]
changed = 0
for language, word, by_rich, by_wcwidth in SEEN:
    got = (cell_len(word), width(word))
    print(f"{language:8} {word} rich {got[0]}, wcwidth {got[1]}", "" if got == (by_rich, by_wcwidth) else "(changed)")
    changed += got != (by_rich, by_wcwidth)
raise SystemExit(bool(changed))
END
