#!/usr/bin/env python3
"""Proves that every place in a finding that a runbook names exists in AWS's API model.

The model is GuardDuty's `Finding` as botocore carries it, with the names that JSON has. What is
within `service.additionalInfo` has no model; there only the way to it is looked at.
"""

import re

from common import conclude, use_packages

use_packages("aws-cli")
from botocore.session import get_session  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks  # noqa: E402

PATH = re.compile(r"`((?:service|resource)\.[A-Za-z0-9_.\[\]]+)`")


def fault(path, finding):
    shape, way = finding, []
    for part in path.split("."):
        name = part.rstrip("[]")
        if way == ["service", "additionalInfo"]:
            return None
        if shape.type_name != "structure":
            return f"{'.'.join(way)} has no members"
        members = {member.serialization.get("name", key): member for key, member in shape.members.items()}
        if name not in members:
            return f"{'.'.join(way)} has no {name}"
        shape = members[name]
        way.append(name)
        for _ in range(part.count("[]")):
            if shape.type_name != "list":
                return f"{name} is no list"
            shape = shape.member
    return None


def main():
    finding = get_session().get_service_model("guardduty").shape_for("Finding")
    runbooks, places = builtin_runbooks(), {}
    for name, text in runbooks.items():
        for path in PATH.findall(text):
            places.setdefault(path, name)
    failures = [f"{name}: {path}: {found}" for path, name in places.items() if (found := fault(path, finding))]
    none = [name for name, text in runbooks.items() if not PATH.search(text)]
    failures += [f"{name} names no place in the finding" for name in none]
    print(f"{len(places)} different paths in {len(runbooks) - len(none)} runbooks: {len(failures)} faults")
    conclude(failures if places else ["no runbook names a place in a finding"])


if __name__ == "__main__":
    main()
