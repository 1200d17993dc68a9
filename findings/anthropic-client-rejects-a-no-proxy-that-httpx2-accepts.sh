#!/usr/bin/env bash
# anthropic 2.12.0: its HTTP client rejects a NO_PROXY that httpx2 2.16.2, on which it is built, accepts.
#
# Guess: the SDK's client reads the proxy variables as httpx2 does, because it is a subclass of its client.
# Seen: `anthropic.DefaultHttpxClient` reads NO_PROXY with code of its own. `[::1]`, which httpx2 accepts, raises
# InvalidURL when the client is created, although no proxy is set at all.
# Why it matters here: the error names neither the variable nor the network, so it looked like a bad credential. A
# program that reports which variable is at fault has to read NO_PROXY itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'anthropic==2.12.0' 'httpx2==2.16.2'
env -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u http_proxy -u https_proxy -u all_proxy -u no_proxy \
  NO_PROXY='localhost,[::1]' "$folder/venv/bin/python" - <<'END'
import anthropic
import httpx2

httpx2.Client().close()
print("httpx2.Client accepts it")
try:
    anthropic.DefaultHttpxClient()
except httpx2.InvalidURL as error:
    print("anthropic.DefaultHttpxClient:", error)
else:
    raise SystemExit("the SDK accepts it now")
END
