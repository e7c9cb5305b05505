#!/usr/bin/env python3
"""Proves that the real kubectl accepts every `kubectl` command of every runbook, with sample values.

It talks to a small API server on loopback that knows the kinds of a cluster, judges manifests by
the schemas of Kubernetes, and has a sample of everything.
"""

from common import conclude, program, use_packages

use_packages("kubectl")
from fences import builtin_runbooks, commands_of  # noqa: E402 (there only after the line above)
from kube_api import KubeApi  # noqa: E402
from placeholders import Filled  # noqa: E402


def main():
    program("kubectl")
    filled, api = Filled(), KubeApi()
    runbooks = builtin_runbooks()
    commands = commands_of(runbooks, "kubectl", filled)
    failures = [f"{places[0]}: {' '.join(command.words)}: {complaint}"
                for command, places in commands.items()
                for complaint in api.judge(command.words, command.stdin, command.files)]
    print(f"{sum(map(len, commands.values()))} commands in {len(runbooks)} runbooks, {len(commands)} "
          f"different ones: {len(failures)} faults")
    conclude(failures if commands else ["no runbook has a kubectl command"])


if __name__ == "__main__":
    main()
