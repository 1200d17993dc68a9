#!/usr/bin/env bash
# Babel 2.18.0 has no long compact form for Japanese, Korean and Chinese: KeyError instead of the short form.
#
# Guess: `format_compact_decimal(12_000_000, locale="ja", format_type="long")` gives "1200万", as the short form does;
# CLDR says for these languages that the long form is the same as the short one.
# Seen: KeyError: 'long'. The three locales with the most compact numbers in running text are the ones without it, and
# the error is no `babel.core.UnknownLocaleError` or ValueError, so a loop over locales dies in the middle.
# Why it matters here: the tables of scale words are made from CLDR through Babel; code that asks every language for both
# lengths must fall back by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'babel==2.18.0'
"$folder/venv/bin/python" - <<'END'
from babel.numbers import format_compact_decimal

changed = 0
for locale in ("ja", "ko", "zh", "vi", "th"):
    got = []
    for kind in ("short", "long"):
        try:
            got.append(format_compact_decimal(12_000_000, locale=locale, format_type=kind))
        except KeyError as error:
            got.append(f"KeyError: {error}")
    print(locale, got)
    changed += (got[1] == "KeyError: 'long'") != (locale in ("ja", "ko", "zh"))
raise SystemExit(bool(changed))
END
