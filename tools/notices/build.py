"""Writes THIRD-PARTY-NOTICES.txt: the licences of the libraries inside the program, from the sources of their crates.

Reads `cargo metadata`, so it needs no network once `cargo fetch` ran, and no packages. A licence text that several crates
have is written once. `python3 tools/notices/build.py`, then `BLESS=1 cargo test --no-default-features --lib licenses` packs
it into the program.
"""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "THIRD-PARTY-NOTICES.txt"
NAMES = re.compile(r"^(licen[cs]e|copying|notice|unlicense|copyright|blueoak)", re.IGNORECASE)
LINE = "=" * 80
HEAD = """NOTICES OF THIRD PARTIES

rtiler is under the MIT licence. Its program contains the libraries below, or is built with them. Each text of a licence
is written once, after the libraries that it belongs to: name, version, licence, and the address of the source.
Of a library that lets its user choose a licence, all texts in its source are here.
"""


def packages():
    """Returns the crates that the program is built from, on every platform; those of tests are not among them."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, open_ids = set(), [metadata["resolve"]["root"]]
    while open_ids:
        for needed in nodes[open_ids.pop()]["deps"]:
            shipped = any(kind["kind"] in (None, "build") for kind in needed["dep_kinds"])
            if shipped and needed["pkg"] not in found:
                found.add(needed["pkg"])
                open_ids.append(needed["pkg"])
    crates = [package for package in metadata["packages"] if package["id"] in found]
    return sorted(crates, key=lambda package: (package["name"], package["version"]))


def texts(package):
    """Returns the texts of licences and notices in the source of a crate."""
    folder = Path(package["manifest_path"]).parent
    files = sorted(file for file in folder.iterdir() if NAMES.match(file.name) and file.is_file())
    files += sorted(file for below in folder.glob("LICENSES") for file in below.iterdir() if file.is_file())
    named = package.get("license_file")
    if named and (folder / named).is_file() and folder / named not in files:
        files.append(folder / named)
    return ["\n".join(line.rstrip() for line in file.read_text(errors="replace").strip().splitlines()) for file in files]


def label(package):
    """Returns the line of a crate."""
    source = package.get("repository") or package.get("homepage") or f"the crate `{package['name']}`"
    licence = package.get("license") or "see the text"
    return f"  {package['name']} {package['version']} ({licence})  {source}"


def main():
    users, bare = {}, []
    for package in packages():
        found = texts(package)
        for text in found:
            users.setdefault(text, []).append(label(package))
        if not found:
            authors = ", ".join(package.get("authors") or []) or "its authors"
            bare.append(f"{label(package)}\n    copyright: {authors}")
    parts = [HEAD]
    parts += [f"{LINE}\n" + "\n".join(crates) + f"\n{'-' * 80}\n\n{text}\n" for text, crates in users.items()]
    if bare:
        parts.append(f"{LINE}\nThe sources of these libraries hold no text; their licences are among those above.\n\n" + "\n".join(bare) + "\n")
    OUTPUT.write_text("\n".join(parts))
    print(f"{OUTPUT.name}: {len(users)} texts, {len(bare)} libraries without one")


if __name__ == "__main__":
    main()
