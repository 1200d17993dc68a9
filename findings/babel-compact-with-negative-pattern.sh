#!/usr/bin/env bash
# Babel 2.18.0 writes long compact numbers in Swahili 100 times too large.
#
# Guess: `format_compact_decimal(12_000_000, locale="sw", format_type="long")` returns "milioni 12".
# Seen: it returns "milioni 1200", and "elfu 15" for 1,500. The Swahili patterns of CLDR have a negative half
# ("milioni 00;milioni -00"). Babel counts the zeros of both halves as integer digits, so it divides by a power of ten
# that is too small. The short pattern for ten million has no negative half and gives the right result.
# Why it matters here: compact forms made with Babel are a second opinion on how Dragoman reads figures. For such
# patterns Babel is not a usable reference: a correct reading would be marked wrong by a factor of 10 to 1,000.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'babel==2.18.0'
"$folder/venv/bin/python" - <<'END'
from babel import Locale
from babel.numbers import format_compact_decimal

SEEN = [
    ("sw", "long", 1_500, "elfu 15"),
    ("sw", "long", 12_000_000, "milioni 1200"),
    ("sw", "long", 3_200_000_000, "bilioni 32"),
    ("sw", "short", 12_000_000, "12M"),
    ("id", "long", 12_000_000, "12 juta"),
]
changed = 0
for locale, kind, value, seen in SEEN:
    got = format_compact_decimal(value, locale=locale, format_type=kind, fraction_digits=1)
    pattern = Locale(locale).compact_decimal_formats[kind]["other"][f"1{'0' * (len(str(value)) - 1)}"].pattern
    print(f"{locale} {kind:5} {value:>13,} pattern {pattern!r} -> {got!r}", "" if got == seen else f"(was {seen!r})")
    changed += got != seen
raise SystemExit(bool(changed))
END
