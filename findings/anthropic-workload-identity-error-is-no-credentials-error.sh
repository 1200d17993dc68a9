#!/usr/bin/env bash
# anthropic 2.12.0: a failure to obtain an access token raises an error outside the class for credentials.
#
# Guess: everything that goes wrong with credentials raises an `anthropic.CredentialsError`, the class of that name.
# Seen: a refused token exchange raises `WorkloadIdentityError`, which is an AnthropicError but neither a
# CredentialsError nor an APIError. Code that catches the two named classes lets it through.
# Why it matters here: how a run ends depends on it. Missing credentials stop a run with advice; an unknown exception is
# a bug with a traceback.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'anthropic==2.12.0'
"$folder/venv/bin/python" - <<'END'
import anthropic
from anthropic.lib.credentials import WorkloadIdentityError

print("bases:", [base.__name__ for base in WorkloadIdentityError.__mro__])
assert not issubclass(WorkloadIdentityError, anthropic.CredentialsError)
assert not issubclass(WorkloadIdentityError, anthropic.APIError)
assert issubclass(WorkloadIdentityError, anthropic.AnthropicError)
END
