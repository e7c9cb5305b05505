#!/usr/bin/env python3
"""Proves that every suppression rule narrows down, by names that AWS lists for filters.

A rule on the finding type alone would hide the next real attack with the noise, and a criterion
whose name GuardDuty does not know is refused. AWS's list is the documentation in the API model.
"""

import json

from common import conclude, use_packages

use_packages("aws-cli")
from aws_commands import criteria_for_filters  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks, commands_of  # noqa: E402
from placeholders import Filled  # noqa: E402

# These narrow nothing: each is true of every finding of the type, or of half of them.
TOO_WIDE = {"type", "accountId", "region", "severity", "partition", "service.archived"}


def faults(words, known):
    option = dict(zip(words, words[1:]))
    criterion = json.loads(option["--finding-criteria"])["Criterion"]
    found = [f"AWS lists no criterion {name}" for name in criterion if name not in known]
    if words[2] != "create-filter":
        return found
    if option.get("--action") != "ARCHIVE":
        found.append("suppresses nothing: its action is not ARCHIVE")
    if len(criterion.get("type", {}).get("Equals", [])) != 1:
        found.append("names no finding type, or several")
    if not criterion.keys() - TOO_WIDE:
        found.append(f"has no narrower criterion than {', '.join(criterion)}")
    return found


def main():
    runbooks, known = builtin_runbooks(), criteria_for_filters()
    commands = {command: places for command, places in commands_of(runbooks, "aws", Filled()).items()
                if command.words[1] == "guardduty" and "--finding-criteria" in command.words}
    failures = [f"{places[0]}: {fault}" for command, places in commands.items()
                for fault in faults(command.words, known)]
    rules = [command for command in commands if command.words[2] == "create-filter"]
    ready = {place.split(":")[0] for rule in rules for place in commands[rule]}
    print(f"{len(ready)} of {len(runbooks)} runbooks have a ready rule; {len(rules)} rules and "
          f"{len(commands) - len(rules)} searches by {len(known)} names: {len(failures)} faults")
    conclude(failures if rules else ["no runbook has a suppression rule"])


if __name__ == "__main__":
    main()
