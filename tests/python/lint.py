"""Judges CloudFormation templates with cfn-lint and with AWS's own cloudformation-validate.

Usage: lint.py FILE... Prints `{FILE: [{"linter", "rule", "level", "path", "message"}]}`; level is `error`, `warning`
or `info`. Every file goes through one run of each, because cfn-lint takes seconds to start.
"""

import json
import subprocess
import sys

from cloudformation_validate import RegoEngine


def main(files):
    findings = {file: [] for file in files}
    start = "from cfnlint.runner import main; main()"
    run = [sys.executable, "-c", start, "--format", "json", "--regions", "us-east-1", "--", *files]
    lint = subprocess.run(run, capture_output=True, text=True, check=False)
    if not lint.stdout.strip():
        sys.exit(f"cfn-lint said nothing: {lint.stderr}")
    for found in json.loads(lint.stdout):
        add(findings, found["Filename"], "cfn-lint", found["Rule"]["Id"], found["Level"].lower(),
            ".".join(map(str, found["Location"]["Path"] or [])), found["Message"])
    levels = {"FATAL": "error", "ERROR": "error", "WARN": "warning"}
    engine = RegoEngine()
    for file in files:
        for found in engine.validate_template(file).diagnostics:
            place = ".".join(filter(None, [found.entity and found.entity.logical_id, found.property_path]))
            add(findings, file, "cloudformation-validate", found.rule_id, levels.get(found.severity.name, "info"),
                place, found.message)
    json.dump(findings, sys.stdout)


def add(findings, file, linter, rule, level, path, message):
    findings[file].append({"linter": linter, "rule": rule, "level": level, "path": path, "message": message})


main(sys.argv[1:])
