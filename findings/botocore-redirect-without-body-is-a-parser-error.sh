#!/usr/bin/env bash
# botocore 1.44.5 reports a redirect from STS as a reply that cannot be parsed, without mentioning the redirect.
#
# Guess: a 307 with a Location and no body is followed, or raises a ClientError with the status.
# Seen: ResponseParserError ("Unable to parse response"), which is neither a ClientError nor a ConnectionError, and
# contains neither the status nor the Location. A 403 with an empty body gives the same error.
# Why it matters here: a captive portal or a gateway that has moved answers this way. Code that identifies failures of
# AWS by ClientError mistakes this one for a bug.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'botocore==1.44.5'
"$folder/venv/bin/python" - <<'END'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

class Portal(BaseHTTPRequestHandler):
    status = 307

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        self.send_header("location", "http://127.0.0.1:9/login")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

server = HTTPServer(("127.0.0.1", 0), Portal)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = botocore.session.get_session().create_client(
    "sts", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b",
    endpoint_url=f"http://127.0.0.1:{server.server_port}", config=Config(retries={"total_max_attempts": 1}),
)
changed = 0
for Portal.status in (307, 403):
    try:
        client.get_caller_identity()
    except Exception as error:
        print(Portal.status, type(error).__name__, "-", str(error)[:70])
        changed += not isinstance(error, ResponseParserError) or isinstance(error, ClientError)
        changed += "login" in str(error) or str(Portal.status) in str(error)
server.shutdown()
raise SystemExit(bool(changed))
END
