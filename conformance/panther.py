#!/usr/bin/env python3
"""Proves with Panther's own tool that the exported pack passes its tests and takes Panther's findings.

`panther_analysis_tool test` runs the pack as it is exported, then with findings of the shapes that
Panther tests its own GuardDuty rules with, and a rule that only adds the runbook. The runbook of every
finding type goes through Panther's engine, which cuts off what is too long.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from common import binary, conclude, use_packages, write_runbooks

use_packages("panther")
import yaml  # noqa: E402 (there only after the line above)
from panther_core.enriched_event import PantherEvent  # noqa: E402
from panther_core.rule import Rule  # noqa: E402
from panther_findings import PANTHER_SHAPES  # noqa: E402

BASE = "https://git.example/acme/runbooks/blob/main/runbooks"
LIMIT = 1000
LEVELS = ("Critical", "High", "Medium", "Low")

# A rule as teams have it, with the lines that the export tells them to add.
OWN_RULE = """
import guardduty_runbooks


def rule(event):
    return event.get("severity", 0) >= 7


def title(event):
    return event.get("title")


def runbook(event):
    return guardduty_runbooks.runbook(event)
"""


def export(folder, base):
    command = [binary(), "export", "panther", "--source", "builtin", "--output", folder, "--link-base", base]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        conclude([f"the export exited {run.returncode}: {run.stderr}"])


def tested(folder):
    """What `panther_analysis_tool test` says: tests that passed, and what went wrong."""
    tool = Path(sys.prefix) / "bin" / "panther_analysis_tool"
    run = subprocess.run([tool, "test", "--path", "."], cwd=folder, capture_output=True, text=True)
    output = re.sub(r"\x1b\[\d*m", "", run.stdout + run.stderr)
    passed = len(re.findall(r"^\t\[PASS\] ", output, re.MULTILINE))
    wrong = [line.strip() for line in output.splitlines() if re.search(r"\[(FAIL|ERROR|WARN)|Traceback", line)]
    if run.returncode:
        wrong.append(f"`panther_analysis_tool test` exited {run.returncode}: {output[-2000:]}")
    return passed, wrong


def with_panther_shapes(folder):
    """Gives each rule the findings that Panther's own rules are tested with, and adds a rule of a team's."""
    rules = folder / "rules" / "guardduty_runbooks"
    for level in LEVELS:
        path = rules / f"guardduty_{level.lower()}.yml"
        described = yaml.safe_load(path.read_text("utf-8"))
        described["Tests"] = [{"Name": f"{of} {name}", "Log": finding,
                               "ExpectedResult": level == of and not sample}
                              for of, name, sample, finding in PANTHER_SHAPES]
        path.write_text(yaml.safe_dump(described, sort_keys=False), "utf-8")
    described.update(RuleID="Team.GuardDuty", Filename="team.py", Severity="High", Tests=[
        {"Name": f"{of} {name}", "Log": finding, "ExpectedResult": of in ("Critical", "High")}
        for of, name, _, finding in PANTHER_SHAPES])
    (rules / "team.yml").write_text(yaml.safe_dump(described, sort_keys=False), "utf-8")
    (rules / "team.py").write_text(OWN_RULE, "utf-8")


def engine(folder):
    """The rule for high severity in Panther's engine."""
    sys.path.insert(0, str(folder / "global_helpers"))
    sys.modules.pop("guardduty_runbooks", None)
    path = folder / "rules" / "guardduty_runbooks" / "guardduty_high.py"
    rule = Rule({"id": "High", "path": str(path), "versionId": "1", "analysisType": "RULE"})
    sys.path.pop(0)
    return rule


def runbook_faults(rule, base, files):
    """What is wrong with the runbooks, as Panther shows them; `files` has each runbook's finding type."""
    longest, faults = 0, []
    for file, finding_type in files.items():
        finding = {"type": finding_type, "severity": 8, "accountId": "111122223333", "region": "eu-central-1"}
        result = rule.run(PantherEvent(finding, None), {}, {})
        text = result.runbook_output or ""
        longest = max(longest, len(text))
        lines = text.split("\n")
        if result.runbook_exception or len(text) > LIMIT or "(truncated)" in text:
            faults.append(f"{finding_type}: {result.runbook_exception or 'the runbook is cut off'}")
        elif lines[0] != f"Runbook: {base}/{file}":
            faults.append(f"{finding_type} leads to {lines[0]}")
        elif not 2 <= len(lines) <= 4 or not all(re.match(rf"{n}\. \S", line) for n, line in enumerate(lines[1:], 1)):
            faults.append(f"{finding_type} has no steps: {text!r}")
    return longest, faults


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        runbooks = write_runbooks(scratch / "runbooks", "--source", "builtin")
        named = {name: json.loads(re.search(r"^finding_type: (.*)$", text, re.MULTILINE)[1])
                 for name, text in runbooks.items()}
        pack = scratch / "pack"
        export(pack, BASE)
        passed, failures = tested(pack)
        print(f"{passed} tests of the exported rules pass")
        longest, faults = runbook_faults(engine(pack), BASE, named)
        print(f"{len(named)} runbooks have at most {longest} of {LIMIT} characters and name their file")
        failures += faults
        shutil.copytree(pack, scratch / "shapes")
        with_panther_shapes(scratch / "shapes")
        more, faults = tested(scratch / "shapes")
        print(f"{more} tests pass on findings of the shapes that Panther's own rules are tested with")
        failures += faults
        long_base = f"https://git.example/{'a' * 380}"
        export(scratch / "long", long_base)
        longest, faults = runbook_faults(engine(scratch / "long"), long_base, named)
        print(f"with the longest base of links they have at most {longest} characters")
        failures += faults
        if not passed or more != len(PANTHER_SHAPES) * (len(LEVELS) + 1) or len(named) < 200:
            failures.append(f"not all of it ran: {passed} tests, {more} tests, {len(named)} runbooks")
    conclude(failures)


if __name__ == "__main__":
    main()
