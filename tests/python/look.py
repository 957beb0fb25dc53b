"""Looks at what was deployed with boto3, AWS's own client, so that no code of ours vouches for itself.

Usage: look.py ENDPOINT. Reads one call a line, `{"account", "service", "operation", "arguments"}`, and answers each
with a line: `{"reply": {...}}`, or `{"error": {"code", "message"}}` where the service refused. ministack takes an
access key of twelve digits for the number of an account.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def main(endpoint):
    config = Config(s3={"addressing_style": "path"})
    clients = {}
    for line in sys.stdin:
        call = json.loads(line)
        key = (call["account"], call["service"])
        if key not in clients:
            session = boto3.Session(call["account"], "secret", region_name="us-east-1")
            clients[key] = session.client(call["service"], endpoint_url=endpoint, config=config)
        try:
            reply = getattr(clients[key], call["operation"])(**call["arguments"])
            reply.pop("ResponseMetadata", None)
            answer = {"reply": reply}
        except ClientError as refusal:
            answer = {"error": {"code": refusal.response["Error"]["Code"], "message": str(refusal)}}
        print(json.dumps(answer, default=text), flush=True)


def text(value):
    return value.read().decode() if hasattr(value, "read") else str(value)


main(sys.argv[1])
