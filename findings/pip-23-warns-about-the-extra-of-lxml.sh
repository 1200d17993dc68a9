#!/usr/bin/env bash
# pip 23.2.1, which Python 3.11 installs, warns that lxml 6.1.3 has no extra `html_clean`, and leaves its package out.
#
# Guess: `justext` 3.0.2 requires `lxml[html_clean]`; lxml 6.1.3 names its extra `html-clean`. Both spellings are the same
# name after normalisation, so every pip installs `lxml_html_clean`.
# Seen: pip 23.2.1 compares the spellings as they are, warns, and does not install `lxml_html_clean`. pip 26.3 installs it.
# Why it matters here: trafilatura depends on justext, so a fresh environment of Python 3.11 begins with that warning and
# lacks a package that extraction needs. The Makefile installs a newer pip first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
changed=0
for pip in 23.2.1 26.3; do
    "$folder/venv/bin/python" -m pip install -q --disable-pip-version-check "pip==$pip" 2>/dev/null
    "$folder/venv/bin/python" -m pip install --disable-pip-version-check --dry-run 'justext==3.0.2' 'lxml==6.1.3' >"$folder/said" 2>&1
    warned=$(grep -c "does not provide the extra 'html_clean'" "$folder/said" || true)
    installs=$(grep -ci 'would install.*lxml[-_]html[-_]clean' "$folder/said" || true)
    echo "pip $pip: warnings $warned, would install lxml_html_clean: $installs"
    if [ "$pip" = 23.2.1 ]; then [ "$warned" -ge 1 ] && [ "$installs" = 0 ] || changed=1; fi
    if [ "$pip" = 26.3 ]; then [ "$warned" = 0 ] && [ "$installs" = 1 ] || changed=1; fi
done
exit $changed
