#!/usr/bin/env bash
# In CLDR 48.2 the long compact patterns of Nepali name a scale that is ten times too large: one million is "1 करोड" (crore).
#
# Guess: the long form states the same number as the short form, with the word spelled out.
# Seen: for one million, the short form uses लाख (lakh, 100,000) with two digits ("00 लाख" = 10 lakh, correct), and the
# long form says "0 करोड", although a crore is ten million. The next two rows are shifted too: ten million is "00 करोड" and
# a hundred million "000 करोड". From a thousand million ("0 अरब") on, the long form is correct. Hindi, which counts with
# the same words, is correct in both lengths.
# Why it matters here: scale words made from CLDR's long patterns would read Nepali crores wrong by a factor of ten, and
# an evaluation against them would reward the error. Use the short patterns for Nepali.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent cldr-numbers-full@48.2.0 >/dev/null
tar xzf cldr-numbers-full-48.2.0.tgz
python3 - <<'END'
import json

def patterns(language: str, length: str) -> list[str]:
    with open(f"package/main/{language}/numbers.json", encoding="utf-8") as file:
        numbers = json.load(file)["main"][language]["numbers"]
    forms = numbers["decimalFormats-numberSystem-latn"][length]["decimalFormat"]
    return [forms[f"1{'0' * power}-count-other"].replace("\u00a0", " ") for power in range(5, 9)]

SEEN = {
    ("hi", "long"): ["0 लाख", "00 लाख", "0 करोड़", "00 करोड़"],
    ("ne", "short"): ["0 लाख", "00 लाख", "0 करोड", "00 करोड"],
    ("ne", "long"): ["0 लाख", "0 करोड", "00 करोड", "000 करोड"],
}
changed = 0
for (language, length), seen in SEEN.items():
    got = patterns(language, length)
    print(language, f"{length:5}", "10^5..10^8:", got, "" if got == seen else f"(was {seen})")
    changed += got != seen
raise SystemExit(bool(changed))
END
