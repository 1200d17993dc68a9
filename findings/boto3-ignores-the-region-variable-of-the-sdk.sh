#!/usr/bin/env bash
# anthropic 2.12.0 and boto3 1.44.5 take the AWS region from different variables.
#
# Guess: AWS_REGION sets the region of everything that speaks to AWS in one process.
# Seen: `AnthropicBedrock` reads AWS_REGION before AWS_DEFAULT_REGION. boto3 reads AWS_DEFAULT_REGION alone: with only
# AWS_REGION set it has no region, and with both set the two libraries work in different regions.
# Why it matters here: requests go through the SDK, while token counting and look-ups of inference profiles go through
# boto3. One resolution has to be passed to both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'anthropic==2.12.0' 'boto3==1.44.5'
mkdir "$folder/home"
cat > "$folder/regions.py" <<'END'
import sys

import anthropic
import boto3

client = anthropic.AnthropicBedrock(aws_access_key="a", aws_secret_key="b")
seen = [client.aws_region, str(boto3.Session().region_name)]
print("SDK and boto3:", *seen)
sys.exit(seen != sys.argv[1:])
END
clean=(env -i "PATH=$PATH" "HOME=$folder/home" AWS_EC2_METADATA_DISABLED=true)
"${clean[@]}" AWS_REGION=eu-west-1 "$folder/venv/bin/python" "$folder/regions.py" eu-west-1 None
"${clean[@]}" AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=us-east-1 \
  "$folder/venv/bin/python" "$folder/regions.py" eu-west-1 us-east-1
