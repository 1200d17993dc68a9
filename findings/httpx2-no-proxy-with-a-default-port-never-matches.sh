#!/usr/bin/env bash
# httpx2 2.16.2: an entry of NO_PROXY with the default port of its scheme never matches.
#
# Guess: NO_PROXY=host:443 keeps requests to https://host/ away from the proxy, as host:8443 does for that port.
# Seen: httpx2 drops a default port from the address of a request before it compares, so `host:443` matches nothing, and
# the request goes through the proxy. `host` and `host:8443` work as expected.
# Why it matters here: article texts would travel through a proxy that the user excluded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'httpx2==2.16.2'
cat > "$folder/routes.py" <<'END'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import os
import sys

import httpx2

asked = []


class Proxy(BaseHTTPRequestHandler):
    def do_CONNECT(self):
        asked.append(self.path)
        self.send_error(403)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(HTTPS_PROXY=f"http://127.0.0.1:{server.server_port}")


def goes_through_the_proxy(exception, url):
    os.environ["NO_PROXY"] = exception
    asked.clear()
    try:
        httpx2.Client().get(url)
    except httpx2.TransportError:
        pass
    return bool(asked)


seen = {
    exception: goes_through_the_proxy(exception, url)
    for exception, url in {
        "unknown.invalid": "https://unknown.invalid/",
        "unknown.invalid:8443": "https://unknown.invalid:8443/",
        "unknown.invalid:443": "https://unknown.invalid/",
    }.items()
}
print(seen)
sys.exit(list(seen.values()) != [False, False, True])
END
env -u http_proxy -u https_proxy -u no_proxy -u ALL_PROXY -u all_proxy "$folder/venv/bin/python" "$folder/routes.py"
