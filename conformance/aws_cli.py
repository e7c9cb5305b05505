#!/usr/bin/env python3
"""Proves that the real AWS CLI accepts every `aws` command of every runbook, with sample values.

Without network: `--generate-cli-skeleton output` has the CLI check operations, arguments, types and
lengths. Values with a fixed set, filter names, finding criteria and what `--query` names are looked
up in the API models that come with it.
"""

from common import conclude, use_packages

use_packages("aws-cli")
from aws_commands import GLOBAL_SERVICES, judge  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks, commands_of  # noqa: E402
from placeholders import Filled  # noqa: E402


def main():
    filled = Filled()
    runbooks = builtin_runbooks()
    commands = commands_of(runbooks, "aws", filled)
    failures = [f"nobody declared the placeholder {name}" for name in sorted(filled.unknown)]
    for command, places in commands.items():
        shown = f"{places[0]} (and {len(places) - 1} more): {' '.join(command.words[:3])}"
        failures += [f"{shown}: {complaint}" for complaint in judge(command.words, command.files)]
        if command.words[1] not in GLOBAL_SERVICES and "--region" not in command.words:
            failures.append(f"{shown} has no --region")
    operations = {command.words[1:3] for command in commands}
    print(f"{sum(map(len, commands.values()))} commands in {len(runbooks)} runbooks, {len(commands)} "
          f"different ones, {len(operations)} operations: {len(failures)} faults")
    conclude(failures if commands else ["no runbook has an AWS CLI command"])


if __name__ == "__main__":
    main()
