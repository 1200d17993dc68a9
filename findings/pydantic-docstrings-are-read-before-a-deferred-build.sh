#!/usr/bin/env bash
# pydantic 2.14.3 parses a model's source file when the class is made, also with `defer_build=True`.
#
# Guess: with `use_attribute_docstrings=True` and `defer_build=True`, docstrings of fields are read when a schema is first
# built, as everything else of the model is.
# Seen: the schema is deferred, but each class finds and parses its own source at import. A class without the setting
# parses nothing.
# Why it matters here: the models of records and of run.json describe each field by its docstring. The parsing was half of
# the import time of such a module, which a command that only prints a stored answer would pay on every call.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'pydantic==2.14.3'
cat > "$folder/described.py" <<'END'
from pydantic import BaseModel, ConfigDict


class Described(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True, defer_build=True)

    name: str
    """What the field holds."""


class Plain(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: str
END
cd "$folder" && venv/bin/python - <<'END'
import ast
import sys

import pydantic  # so that only the models are counted

sys.path.insert(0, ".")
real, parsed = ast.parse, []


def counting(source, *args, **kwargs):
    parsed.extend(name for name in ("Described", "Plain") if f"class {name}(" in str(source))
    return real(source, *args, **kwargs)


ast.parse = counting
from described import Described, Plain

print("parsed at import:", parsed, "- built:", Described.__pydantic_complete__, Plain.__pydantic_complete__)
expected = "Described" in parsed and "Plain" not in parsed and not Described.__pydantic_complete__
raise SystemExit(not expected)
END
