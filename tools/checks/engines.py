"""Rebuild `stdlib/database-engines.txt`, the versions of RDS engines that can be created.

    python3 tools/checks/engines.py cfn_lint-1.58.0-py3-none-any.whl

The wheel is the one of `tools/schema/build.py`, which pins its version and hash. It lists the versions that RDS knows in
some region, and those of them that RDS does not create any more.
"""

import json
import pathlib
import re
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = "cfnlint/data/schemas/extensions"


def table(archive, name):
    """The enums of versions by engine."""
    found = {}
    for kind in ("aws_rds_dbinstance", "aws_rds_dbcluster"):
        for rule in json.loads(archive.read(f"{FOLDER}/{kind}/{name}.json"))["allOf"]:
            engine = rule["if"]["properties"]["Engine"].get("const")
            then = rule["then"] if isinstance(rule["then"], dict) else {}
            for other in then.get("properties", {}).get("Engine", {}).get("enum", []):
                found.setdefault(other, set())
            places = [rule["if"], rule["then"]]
            for place in places:
                versions = place.get("properties", {}) if isinstance(place, dict) else {}
                found.setdefault(engine, set()).update(versions.get("EngineVersion", {}).get("enum", []))
    found.pop(None, None)
    return found


def order(version):
    return [int(part) if part.isdigit() else -1 for part in re.split(r"[.-]", version)] + [version]


def numbers(version):
    found = []
    for part in re.split(r"[.-]", version):
        if not part.isdigit():
            break
        found.append(int(part))
    return found


def main():
    with zipfile.ZipFile(sys.argv[1]) as archive:
        known, retired = table(archive, "engine_version"), table(archive, "engine_version_deprecated")
    lines = ["# Made by tools/checks/engines.py: an engine of RDS, then the versions that can be created."]
    for engine, versions in sorted(known.items()):
        offered = sorted(versions - retired.get(engine, set()), key=lambda version: (numbers(version), version))
        lines.append(" ".join([engine, *offered]))
    (ROOT / "stdlib" / "database-engines.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
