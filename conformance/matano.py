#!/usr/bin/env python3
"""Proves that the exported detection works as Matano calls it: a record in, the fields of an alert out.

Matano's Lambda imports `detect.py`, gives `detect` a record whose `deepget` follows a path, and then
asks for title, dedupe, severity, runbook; what they leave open comes from `detection.yml`. Here the same
is done with findings as records of three tables: AWS's names, snake case below a field, and ECS.
"""

import importlib.util
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from common import binary, conclude, use_packages, write_runbooks

use_packages("front-matter")
import yaml  # noqa: E402 (there only after the line above)
from panther_findings import PANTHER_SHAPES  # noqa: E402

BASE = "https://git.example/runbooks"
SEVERITIES = {"info", "notice", "low", "medium", "high", "critical"}


class Record(dict):
    """A record as detections get it."""

    def deepget(self, path, default=None):
        value = self
        for name in path.split("."):
            if not isinstance(value, dict) or name not in value:
                return default
            value = value[name]
        return value


class Detection:
    """An exported detection, loaded as Matano loads it."""

    def __init__(self, folder, *options):
        command = [binary(), "export", "matano", "--source", "builtin", "--output", folder,
                   "--link-base", BASE, *options]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            conclude([f"the export exited {run.returncode}: {run.stderr}"])
        folder = Path(folder) / "detections" / "guardduty_runbooks"
        self.described = yaml.safe_load((folder / "detection.yml").read_text("utf-8"))
        spec = importlib.util.spec_from_file_location("detect", folder / "detect.py")
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    def alert(self, record):
        """The fields of the alert, or None where there is none."""
        record = Record(record)
        found = self.module.detect(record)
        if not isinstance(found, bool):
            conclude([f"detect gives {found!r}"])
        if not found:
            return None
        answer = {name: getattr(self.module, name)(record)
                  for name in ("title", "dedupe", "severity", "runbook")}
        return {
            "title": answer["title"] or self.described.get("display_name") or self.described["name"],
            "severity": answer["severity"] or self.described["alert"]["severity"],
            "dedupe": answer["dedupe"] or answer["title"],
            "runbook": answer["runbook"] or self.described["runbook"],
        }


def snake_case(value):
    if isinstance(value, dict):
        return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower(): snake_case(v) for key, v in value.items()}
    return [snake_case(item) for item in value] if isinstance(value, list) else value


def finding(finding_type, **more):
    return {"type": finding_type, "severity": 8, "accountId": "111122223333", "region": "eu-central-1",
            "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0a1b2c3d4e5f60718"}},
            "service": {"additionalInfo": {}}, **more}


def faults(alert, title, severity, slug):
    if alert is None:
        return [f"no alert for {title}"]
    found = []
    for name, value in alert.items():
        if not isinstance(value, str) or not value:
            found.append(f"{name} is {value!r}")
    if alert["title"] != title:
        found.append(f"the title is {alert['title']!r}, not {title!r}")
    if alert["severity"] != severity or severity not in SEVERITIES:
        found.append(f"{title}: the severity is {alert['severity']}, not {severity}")
    if slug and not alert["runbook"].startswith(f"Runbook: {BASE}/{slug}\n1. "):
        found.append(f"{title}: the runbook is {alert['runbook']!r}")
    return found


def real_findings():
    """Bare findings of the test data, where there is some."""
    folder = os.environ.get("GUARDDUTY_RUNBOOKS_TEST_DATA")
    paths = sorted((Path(folder) / "findings").glob("bare-camelcase-*.json")) if folder else []
    return [json.loads(path.read_text("utf-8")) for path in paths]


def main():
    failures, alerts = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        bare = Detection(f"{scratch}/bare")
        nested = Detection(f"{scratch}/nested", "--table", "aws_guardduty", "--type-field", "guardduty.type")
        # A bare word that YAML does not take for a string.
        ecs = Detection(f"{scratch}/ecs", "--table", "null", "--type-field", "rule.name")
        tables = [detection.described["tables"] for detection in (bare, nested, ecs)]
        if tables != [["guardduty"], ["aws_guardduty"], ["null"]]:
            failures.append("the tables are not those that were asked for")
        runbooks = write_runbooks(f"{scratch}/runbooks", "--source", "builtin")
        for slug, text in runbooks.items():
            name = json.loads(re.search(r"^finding_type: (.*)$", text, re.MULTILINE)[1])
            record = finding(name)
            for detection, record in ((bare, record), (nested, {"ts": 1, "guardduty": snake_case(record)}),
                                      (ecs, {"rule": {"name": name}, "event": {"severity": 8},
                                             "cloud": {"account": {"id": "111122223333"}}})):
                alert, alerts = detection.alert(record), alerts + 1
                resource = "an unnamed resource" if detection is ecs else "i-0a1b2c3d4e5f60718"
                title = f"GuardDuty high: {name} on {resource} in account 111122223333"
                failures += faults(alert, title, "high", slug)
        hosts = [bare.alert(finding("Recon:EC2/Portscan", severity=s))["severity"] for s in (9, 7, 4, 1, "x", None)]
        if hosts != ["critical", "high", "medium", "low", "medium", "medium"]:
            failures.append(f"severities come out as {hosts}")
        for _, name, is_sample, record in PANTHER_SHAPES:
            if (bare.alert(record) is None) != is_sample:
                failures.append(f"{name}: {bare.alert(record)}")
        for record in ({}, {"type": None}, {"type": "AwsApiCall"}, {"type": 7}, {"guardduty": "x"}):
            if bare.alert(record) or nested.alert(record):
                failures.append(f"{record} is no finding, and gives an alert")
        real = real_findings()
        for record in real:
            alert = bare.alert(record)
            if alert is not None and record["type"] not in alert["title"]:
                failures.append(f"{record['type']}: {alert}")
    print(f"{alerts} alerts on {len(runbooks)} finding types from three tables, {len(real)} real findings")
    conclude(failures if len(runbooks) > 200 else ["there are too few runbooks"])


if __name__ == "__main__":
    main()
