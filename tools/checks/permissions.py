"""Rebuild `stdlib/permissions.bin`, the actions that CloudFormation calls to create, read, update and delete each type.

    python3 -m venv target/schema-venv
    target/schema-venv/bin/pip install -r tools/schema/requirements.txt
    target/schema-venv/bin/python tools/checks/permissions.py cfn_lint-1.58.0-py3-none-any.whl

The wheel is only unpacked. cfn-lint (MIT-0) has the schemas of CloudFormation's registry; each handler of a type lists the
permissions that it needs ("handlers" of "Resource type definition schema" in the CloudFormation CLI user guide). The handler
`list` is left out: operations on stacks do not call it. Names that IAM does not know are corrected, or left out and printed.

Format: one zstd frame of text: the number of bytes as a u32, then for each type its name in a line and a line for each action,
with a digit in front: the sum of 1 (create), 2 (read), 4 (update) and 8 (delete), in hexadecimal.
"""

import fnmatch
import json
import pathlib
import struct
import sys
import zipfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]

import zstandard

HANDLERS = {"create": 1, "read": 2, "update": 4, "delete": 8}

# Names of API operations or of other services in place of IAM's own (Service Authorization Reference).
CORRECTED = {
    "ec2:createvpcendpointservicepermissions": ["ec2:ModifyVpcEndpointServicePermissions"],
    "ec2:deletevpcendpointservicepermissions": ["ec2:ModifyVpcEndpointServicePermissions"],
    "ec2:deletevpcendpoint": ["ec2:DeleteVpcEndpoints"],
    "ec2:describesecuritygroup": ["ec2:DescribeSecurityGroups"],
    "ec2:describevpcendpoint": ["ec2:DescribeVpcEndpoints"],
    "iam:assumerole": ["sts:AssumeRole"],
    "lambda:invoke": ["lambda:InvokeFunction"],
    "s3:doesobjectexist": ["s3:GetObject"],
    "s3:headbucket": ["s3:ListBucket"],
    "s3:headobject": ["s3:GetObject"],
    "s3:listbuckets": ["s3:ListAllMyBuckets"],
    "s3:listobjects": ["s3:ListBucket"],
    "s3:listobjectsv2": ["s3:ListBucket"],
    "s3:putbucketencryption": ["s3:PutEncryptionConfiguration"],
    "s3:putbucketreplication": ["s3:PutReplicationConfiguration"],
    "s3:putobjectlockconfiguration": ["s3:PutBucketObjectLockConfiguration"],
}
RENAMED_SERVICES = {"efs": "elasticfilesystem", "stepfunctions": "states", "emr": "elasticmapreduce"}


def corrected(action, known):
    """The names of IAM for an action of a handler; none if IAM does not know it."""
    for name in CORRECTED.get(action.lower(), [action]):
        prefix, _, rest = name.partition(":")
        prefix = RENAMED_SERVICES.get(prefix.lower(), prefix.lower())
        names = known.get(prefix, set())
        if rest.lower() in names or ("*" in rest and fnmatch.filter(names, rest.lower())):
            yield f"{prefix}:{rest}"


def read(wheel):
    types, unknown = {}, set()
    with zipfile.ZipFile(wheel) as archive:
        services = json.loads(archive.read("cfnlint/data/AdditionalSpecs/Policies.json"))
        known = {prefix.lower(): set(service["Actions"]) for prefix, service in services.items()}
        for name in sorted(archive.namelist()):
            if not (name.startswith("cfnlint/data/schemas/resources/") and name.endswith(".json")):
                continue
            schema = json.loads(archive.read(name))
            actions = {}
            for handler, bit in HANDLERS.items():
                for action in schema.get("handlers", {}).get(handler, {}).get("permissions", []):
                    names = list(corrected(action, known))
                    unknown.update([] if names else [action])
                    for found in names:
                        actions[found] = actions.get(found, 0) | bit
            if actions:
                types[schema["typeName"]] = actions
    return types, unknown


def main():
    types, unknown = read(sys.argv[1])
    lines = []
    for kind, actions in sorted(types.items()):
        lines.append(kind)
        lines += [f"{bits:x}{action}" for action, bits in sorted(actions.items())]
    text = "\n".join(lines).encode()
    parameters = zstandard.ZstdCompressionParameters.from_level(
        22, source_size=len(text), write_checksum=0, write_content_size=0)
    packed = struct.pack("<I", len(text)) + zstandard.ZstdCompressor(compression_params=parameters).compress(text)
    (ROOT / "stdlib" / "permissions.bin").write_bytes(packed)
    print(f"{len(packed)} bytes, {len(types)} types, {len(text)} bytes unpacked")
    print(f"unknown to IAM: {' '.join(sorted(unknown))}")


if __name__ == "__main__":
    main()
