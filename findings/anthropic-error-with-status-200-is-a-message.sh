#!/usr/bin/env bash
# anthropic 2.12.0: an error body in a response with status 200 becomes a Message without content.
#
# Guess: a body such as {"type": "error", "error": {…}}, which gateways send with status 200 once they have promised an
# answer, raises the error of its type, or at least fails validation.
# Seen: `messages.create` returns a `Message` whose type is "error" and whose content, stop_reason and usage are None.
# Why it matters here: without a look at the type, such a reply counts as an answer that was paid for, and a client that
# stores replies stores it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'anthropic==2.12.0' 'httpx2==2.16.2'
"$folder/venv/bin/python" - <<'END'
import anthropic
import httpx2

body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=body))
client = anthropic.Anthropic(api_key="unused", max_retries=0, http_client=httpx2.Client(transport=transport))
message = client.messages.create(
    model="claude-haiku-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}]
)
print(type(message).__name__, message.type, message.content, message.stop_reason, message.usage)
assert isinstance(message, anthropic.types.Message)
assert (message.type, message.content, message.stop_reason, message.usage) == ("error", None, None, None)
END
