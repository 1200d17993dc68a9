#!/usr/bin/env bash
# httpx2 2.16.2 waits for a proxy's tunnel with the read timeout instead of the connect timeout.
#
# Guess: the `connect` of `Timeout(read=…, connect=…)` limits everything until the connection is established, including a
# proxy's CONNECT.
# Seen: a proxy that accepts the TCP connection and never answers CONNECT is waited for as long as `read` allows, and the
# error is ReadTimeout, as if the request had been sent. A server that never completes the TLS handshake fails with
# ConnectTimeout after `connect`, as guessed.
# Why it matters here: replies of a model take minutes, so `read` is long, and a ReadTimeout counts as a request that
# may have been charged. With a proxy that does not answer, the long wait and the possible charge are both wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'httpx2==2.16.2'
"$folder/venv/bin/python" - <<'END'
import socket
import time

import httpx2

silent = socket.create_server(("127.0.0.1", 0))
port = silent.getsockname()[1]
timeout = httpx2.Timeout(4.0, connect=0.5)

def tried(**options: object) -> tuple[str, float]:
    began = time.monotonic()
    try:
        with httpx2.Client(timeout=timeout, trust_env=False, **options) as client:
            client.get(f"https://127.0.0.1:{port}/")
    except httpx2.TimeoutException as error:
        return type(error).__name__, time.monotonic() - began
    raise AssertionError("no time-out")

through_proxy, direct = tried(proxy=f"http://127.0.0.1:{port}"), tried()
for label, (name, seconds) in (("CONNECT unanswered", through_proxy), ("TLS handshake unanswered", direct)):
    print(f"{label:25} {name:15} after {seconds:.1f} s (connect 0.5, read 4)")
assert (through_proxy[0], direct[0]) == ("ReadTimeout", "ConnectTimeout")
assert through_proxy[1] > 2 * direct[1]
END
