#!/usr/bin/env bash
# With user and password in the base URL, the Anthropic SDK 2.12.0 sends these instead of the API key.
#
# Guess: a gateway at http://user:password@host receives both: the password for the gateway, and the key for the API in
# the header that the SDK sets itself.
# Seen: the SDK sends one `Authorization` header, and it is `Basic`. Since version 2.0 the SDK sends the key as
# `Authorization: Bearer`, and httpx2 overwrites that header with the user and password of the URL, without a warning.
# Why it matters here: a gateway that requires a password and forwards the key answers 401, and nothing in the request
# shows why. Without user and password in the URL, the key is sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'anthropic==2.12.0' 'httpx2==2.16.2'
"$folder/venv/bin/python" - <<'END'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import anthropic

class Gateway(BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.seen.append(" / ".join(self.headers.get_all("authorization", [])))
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

server = HTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()
for login in ("", "user:password@"):
    client = anthropic.Anthropic(
        api_key="the-key", base_url=f"http://{login}127.0.0.1:{server.server_port}", max_retries=0
    )
    try:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    except anthropic.AuthenticationError:
        pass
    print(f"{login or 'no login':15} Authorization: {Gateway.seen[-1]}")
server.shutdown()
assert Gateway.seen[0] == "Bearer the-key", Gateway.seen
assert Gateway.seen[1].startswith("Basic ") and "the-key" not in Gateway.seen[1], Gateway.seen
END
