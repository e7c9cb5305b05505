"""Runs the published Python tool (guardduty-runbooks 0.3.0), unchanged, against a mirror of the guide.

    python_tool.py MIRROR OUTDIR

It knows one site only. So the host in each address that it asks for is replaced by the mirror's,
where it hands the address to `requests`; all else is its own code.
"""

import os
import sys

import requests
from guardduty_runbooks import cli

SITE = "https://docs.aws.amazon.com"


def main():
    mirror, outdir = sys.argv[1:]
    os.makedirs(outdir, exist_ok=True)  # it cannot make its parents
    ask = requests.get
    requests.get = lambda address, **options: ask(address.replace(SITE, mirror, 1), **options)
    cli.run(outdir=outdir, overwrite=True)


if __name__ == "__main__":
    main()
