#!/usr/bin/env python3
"""Proves that markdownlint accepts every runbook: from real pages in both templates, and built in.

The rules that do not hold, with the reason for each, are in `*.markdownlint-cli2.jsonc`.
"""

import re
import subprocess
import tempfile
from collections import Counter

from common import HERE, conclude, node_tool, real_pages, write_runbooks

FINDING_TYPES = 229


def lint(folder, template):
    """The complaints about the Markdown files of a folder, one a line."""
    config = HERE / f"{template}.markdownlint-cli2.jsonc"
    run = subprocess.run([node_tool("markdownlint-cli2"), "--config", config, "*.md"],
                         cwd=folder, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        conclude([f"markdownlint-cli2 exited {run.returncode}: {run.stderr}"])
    linted = re.search(r"Linting: (\d+) file", run.stdout)
    if not linted or int(linted[1]) != FINDING_TYPES:
        conclude([f"markdownlint-cli2 did not read {FINDING_TYPES} files: {run.stdout}"])
    return [line for line in (run.stdout + run.stderr).splitlines() if re.search(r" MD\d+/", line)]


def main():
    failures = []
    for source, template in [(real_pages("2026-html"), "runbook"),
                             (real_pages("2026-html"), "classic"),
                             ("builtin", "runbook")]:
        with tempfile.TemporaryDirectory() as outdir:
            files = write_runbooks(outdir, "--source", source, "--template", template)
            case = f"{getattr(source, 'name', source)}, {template}"
            if len(files) != FINDING_TYPES:
                failures.append(f"{case}: {len(files)} files instead of {FINDING_TYPES}")
                continue
            complaints = lint(outdir, template)
        rules = Counter(re.search(r" (MD\d+/\S+)", line)[1] for line in complaints)
        failures += [f"{case}: {rule} {count} times" for rule, count in rules.most_common()]
        failures += [f"{case}: {line}" for line in complaints]
        print(f"{case}: {len(files)} files, {len(complaints)} complaints")
    conclude(failures)


if __name__ == "__main__":
    main()
