#!/usr/bin/env bash
# Babel 2.18.0 has no long compact form for Japanese, Korean and Chinese: it raises KeyError instead of using the short form.
#
# Guess: `format_compact_decimal(12_000_000, locale="ja", format_type="long")` returns "1200万", as the short form does;
# CLDR says that the long form equals the short one in these languages.
# Seen: KeyError: 'long'. The three locales that use compact numbers most in running text are the ones without a long
# form, and the error is neither a `babel.core.UnknownLocaleError` nor a ValueError, so a loop over locales stops midway.
# Why it matters here: the tables of scale words are made from CLDR through Babel. Code that asks for both lengths in
# every language must fall back to the short form itself.
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
