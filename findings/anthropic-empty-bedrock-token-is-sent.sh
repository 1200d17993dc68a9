#!/usr/bin/env bash
# anthropic 2.12.0: an empty AWS_BEARER_TOKEN_BEDROCK is sent, while an empty ANTHROPIC_API_KEY counts as unset.
#
# Guess: an empty variable means the same for every credential of one SDK.
# Seen: with an empty ANTHROPIC_API_KEY, `Anthropic` uses the next credential (here ANTHROPIC_AUTH_TOKEN). With an empty
# AWS_BEARER_TOKEN_BEDROCK, `AnthropicBedrock` sends `Authorization: Bearer ` with nothing behind it, although AWS keys
# are set that could sign the request.
# Why it matters here: the service rejects the request, and its message speaks of a token that nobody set on purpose.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'anthropic==2.12.0' 'boto3==1.44.5' 'httpx2==2.16.2'
mkdir "$folder/home"
env -i "PATH=$PATH" "HOME=$folder/home" AWS_EC2_METADATA_DISABLED=true AWS_REGION=eu-west-1 \
  AWS_ACCESS_KEY_ID=example AWS_SECRET_ACCESS_KEY=example AWS_BEARER_TOKEN_BEDROCK= \
  ANTHROPIC_API_KEY= ANTHROPIC_AUTH_TOKEN=the-next-one "$folder/venv/bin/python" - <<'END'
import anthropic
import httpx2

sent = []


def answer(request):
    sent.append(request.headers.get("authorization"))
    usage = {"input_tokens": 1, "output_tokens": 1}
    reply = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    return httpx2.Response(200, json={**reply, "stop_reason": "end_turn", "stop_sequence": None})


for kind in (anthropic.Anthropic, anthropic.AnthropicBedrock):
    client = kind(max_retries=0, http_client=httpx2.Client(transport=httpx2.MockTransport(answer)))
    client.messages.create(model="claude-haiku-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}])
print(sent)
assert sent == ["Bearer the-next-one", "Bearer "]
END
