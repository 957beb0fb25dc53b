"""Looks at what was deployed with boto3, AWS's own client, so that no code of ours vouches for itself.

Usage: look.py ENDPOINT. Reads one call a line, `{"service", "operation", "arguments"}`, and answers each with a line:
`{"reply": {...}}`, or `{"error": {"code", "message"}}` where the service refused.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def main(endpoint):
    session = boto3.Session("test", "test", region_name="us-east-1")
    config = Config(s3={"addressing_style": "path"})
    clients = {}
    for line in sys.stdin:
        call = json.loads(line)
        name = call["service"]
        if name not in clients:
            clients[name] = session.client(name, endpoint_url=endpoint, config=config)
        try:
            reply = getattr(clients[name], call["operation"])(**call["arguments"])
            reply.pop("ResponseMetadata", None)
            answer = {"reply": reply}
        except ClientError as refusal:
            answer = {"error": {"code": refusal.response["Error"]["Code"], "message": str(refusal)}}
        print(json.dumps(answer, default=text), flush=True)


def text(value):
    return value.read().decode() if hasattr(value, "read") else str(value)


main(sys.argv[1])
