#!/usr/bin/env python3
"""Proves that another YAML reader finds in every front matter what the runbook says.

PyYAML reads YAML 1.1, where an unquoted `no`, `012` or `2026-01-01` is no text: the strictest
neighbour that a runbook meets in a wiki, a static site or a script.
"""

import re
import tempfile

from common import conclude, real_pages, use_packages, write_runbooks

use_packages("front-matter")
import yaml  # noqa: E402 (there only after the line above)

REQUIRED = ["finding_type", "title", "severity", "resource_type", "data_source",
            "threat_purpose", "status"]
TRUTHS = {"severity_varies"}


def slug(finding_type):
    return re.sub(r"[^a-z0-9]", "-", finding_type.strip().lower())


def faults(name, text):
    block = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
    if not block:
        return ["has no front matter"]
    facts = yaml.safe_load(block[1])
    heading = re.search(r"^# (.+)$", text[block.end():], re.MULTILINE)[1].replace("\\", "")
    found = [f"lacks {key}" for key in REQUIRED if key not in facts]
    for key, value in facts.items():
        parts = value if isinstance(value, list) else [value]
        meant = bool if key in TRUTHS else str
        found += [f"{key}: {part!r} is no {meant.__name__}" for part in parts
                  if not isinstance(part, meant)]
    if facts.get("finding_type") != heading:
        found.append(f"finding_type {facts.get('finding_type')!r}, but the heading reads {heading!r}")
    if name != f"{slug(heading)}.md":
        found.append(f"is not named after {heading}")
    return found


def main():
    failures = []
    for source in ("builtin", real_pages("2026-html")):
        with tempfile.TemporaryDirectory() as outdir:
            runbooks = write_runbooks(outdir, "--source", source)
        found = [f"{name} {fault}" for name, text in runbooks.items() for fault in faults(name, text)]
        failures += found
        print(f"{getattr(source, 'name', source)}: {len(runbooks)} front matters read, {len(found)} faults")
    conclude(failures)


if __name__ == "__main__":
    main()
