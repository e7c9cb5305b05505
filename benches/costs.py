"""What one run of a program costs, measured from outside. Used by the scripts beside it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
BINARY = TARGET / "release" / "guardduty-runbooks"


def cost(command, expected=0):
    """Runs a command to its end: wall and CPU seconds, peak memory in bytes. Another exit status
    than the expected one ends the script, with what the command said."""
    helper = [sys.executable, "-I", "-S", HERE / "measure.py"]
    with tempfile.TemporaryFile("w+") as talk:
        run = subprocess.run([*helper, *command], stdout=subprocess.PIPE, stderr=talk, text=True,
                             stdin=subprocess.DEVNULL, check=True)
        talk.seek(0)
        said = talk.read()
    measured = json.loads(run.stdout.splitlines()[-1])
    if measured.pop("status") != expected:
        sys.exit(f"{' '.join(map(str, command))} did not exit with {expected}:\n{said[-3000:]}")
    return measured


def existing_binary(parser, path):
    """Ends the script where there is no such program."""
    if not Path(path).is_file():
        parser.error(f"{path} is missing; `cargo build --release` makes it")
    return Path(path).resolve()
