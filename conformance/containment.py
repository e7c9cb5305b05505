#!/usr/bin/env python3
"""Proves that containment steps do what they say, and that their undo takes it back.

Each flow sets up what a finding is about in moto (a stand-in for AWS on loopback), works through
steps of the rendered runbook with the real AWS CLI, and looks at the state before and after. The names of
flows as arguments run those alone.
"""

import sys

from common import conclude, use_packages

use_packages("containment")
from botocore.exceptions import ClientError  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks  # noqa: E402
from flows import FLOWS  # noqa: E402
from responder import Refused, StandIn  # noqa: E402


def main():
    runbooks, stand_in, failures, commands = builtin_runbooks(), StandIn(), [], 0
    chosen = [flow for flow in FLOWS if flow.__name__ in sys.argv[1:] or not sys.argv[1:]]
    for flow in chosen:
        stand_in.reset()
        try:
            responder = flow(stand_in, runbooks)
        except (AssertionError, Refused, ClientError, KeyError) as refusal:
            failures.append(f"{flow.__name__}: {refusal!r}")
            continue
        commands += len(responder.ran)
        print(f"{flow.__doc__} ({len(responder.ran)} commands)")
    print(f"{len(chosen) - len(failures)} of {len(chosen)} flows hold, {commands} commands ran")
    conclude(failures)


if __name__ == "__main__":
    main()
