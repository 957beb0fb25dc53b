"""Rebuild what RDS and ElastiCache offer: `stdlib/database-engines.txt`, the versions of RDS engines that can be created,
`stdlib/database-classes.txt`, the instance classes of the engines of `Database`, and `stdlib/cache-offers.txt`, the versions
and node types of ElastiCache.

    python3 tools/checks/engines.py cfn_lint-1.58.0-py3-none-any.whl

The wheel is the one of `tools/schema/build.py`, which pins its version and hash. It lists the versions that RDS knows in
some region, and those of them that RDS does not create any more; the classes that can be ordered with an engine in some region
(`DescribeOrderableDBInstanceOptions`); and the versions and node types of ElastiCache.
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


def of_regions(rules):
    """What some region offers: the regions are joined."""
    return [rule for rule in rules.values() if isinstance(rule, dict)]


SIZES = ["micro", "small", "medium", "large", "xlarge"]


def by_family(names, prefix):
    """`m5:large,xlarge`: the sizes of each family, the smallest first."""
    families = {}
    for name in names:
        family, _, size = name.removeprefix(prefix).partition(".")
        families.setdefault(family, set()).add(size)

    def rank(size):
        many = re.match(r"(\d+)xlarge", size)
        return (len(SIZES), int(many[1]), size) if many else (SIZES.index(size) if size in SIZES else 99, 0, size)

    return [f"{family}:{','.join(sorted(sizes, key=rank))}" for family, sizes in sorted(families.items())]


def classes(archive):
    """The classes that can be ordered with each engine of `Database`, and with any engine."""
    found = {engine: set() for engine in ("any", "aurora-mysql", "aurora-postgresql", "mysql", "postgres")}
    for region in of_regions(json.loads(archive.read(f"{FOLDER}/aws_rds_dbinstance/dbinstanceclass_enum.json"))):
        for rule in region["allOf"]:
            engine = rule["if"]["properties"]["Engine"]
            names = [engine["const"]] if "const" in engine else engine.get("enum", [])
            offered = rule["then"]["properties"]["DBInstanceClass"].get("enum", [])
            for name in [*names, "any"]:
                if name in found:
                    found[name].update(offered)
    return found


def cache_offers(archive):
    """The versions of each engine of caches, and the node types."""
    folder = f"{FOLDER}/aws_elasticache_cachecluster"
    versions = {}
    for rule in json.loads(archive.read(f"{folder}/engine_version.json"))["allOf"]:
        engine = rule["if"]["properties"]["Engine"].get("const")
        if engine:
            versions[engine] = rule["then"]["properties"]["EngineVersion"]["enum"]
    nodes = set()
    for region in of_regions(json.loads(archive.read(f"{folder}/cachenodetype_enum.json"))):
        nodes.update(region.get("enum", []))
    return versions, nodes


def write(name, about, lines):
    (ROOT / "stdlib" / name).write_text("\n".join([f"# Made by tools/checks/engines.py: {about}", *lines]) + "\n")


def main():
    with zipfile.ZipFile(sys.argv[1]) as archive:
        known, retired = table(archive, "engine_version"), table(archive, "engine_version_deprecated")
        by_engine, (cache_versions, nodes) = classes(archive), cache_offers(archive)
    lines = []
    for engine, versions in sorted(known.items()):
        offered = sorted(versions - retired.get(engine, set()), key=lambda version: (numbers(version), version))
        lines.append(" ".join([engine, *offered]))
    write("database-engines.txt", "an engine of RDS, then the versions that can be created.", lines)
    lines = [" ".join([engine, *by_family(names, "db.")]) for engine, names in sorted(by_engine.items())]
    write("database-classes.txt", "an engine of RDS, or any, then its instance classes: family and sizes.", lines)
    lines = [" ".join([engine, *sorted(cache_versions[engine], key=numbers)]) for engine in ("redis", "valkey")]
    lines.append(" ".join(["nodes", *by_family(nodes, "cache.")]))
    write("cache-offers.txt", "an engine of ElastiCache, then its versions; then the node types: family and sizes.", lines)


if __name__ == "__main__":
    main()
