#!/usr/bin/env bash
# In CLDR 48.2 the short form of the same scale changes with the number of digits in front of it.
#
# Guess: a language has one abbreviation per scale, so "12 милј." and "120 милј." differ only in their digits.
# Seen: Macedonian writes 10 thousand million as "милј." but 100 thousand million as "ми.", which looks like the start of
# "мил." (million) and means a thousand times more; 100 million is "М" instead of "мил.". Mongolian changes from
# "тэрбум" to a bare "Т", Kazakh from "мың" to "м.", and Georgian drops a letter. The abbreviation was shortened to make
# room for the digits.
# Why it matters here: scale words collected from one pattern per scale miss the others, and a figure such as "120 ми."
# is then read as 120, or as 120 million. Collect all patterns from 10^3 to 10^14, each with its power.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent cldr-numbers-full@48.2.0 >/dev/null
tar xzf cldr-numbers-full-48.2.0.tgz
python3 - <<'END'
import json

def word(language: str, power: int) -> str:
    with open(f"package/main/{language}/numbers.json", encoding="utf-8") as file:
        numbers = json.load(file)["main"][language]["numbers"]
    pattern = numbers["decimalFormats-numberSystem-latn"]["short"]["decimalFormat"][f"1{'0' * power}-count-other"]
    return pattern.replace("\u00a0", " ").replace("'", "").strip("0 ")

SEEN = [
    ("mk", 7, "мил.", 8, "М"),
    ("mk", 10, "милј.", 11, "ми."),
    ("kk", 4, "мың", 5, "м."),
    ("mn", 10, "тэрбум", 11, "Т"),
    ("ka", 10, "მლრდ.", 11, "მლრ."),
    ("ru", 10, "млрд", 11, "млрд"),
]
changed = 0
for language, low, before, high, after in SEEN:
    got = (word(language, low), word(language, high))
    print(f"{language} 10^{low}: {got[0]!r}  10^{high}: {got[1]!r}", "" if got == (before, after) else "(changed)")
    changed += got != (before, after)
raise SystemExit(bool(changed))
END
