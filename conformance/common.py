"""What the conformance scripts share: the binary under test, the pages, and the tools they bring.

Every script runs alone (`python3 conformance/NAME.py`), prints one line for each thing it proves
and exits 0; it exits 1 with the failures where something is not as it should be, and 2 where it
cannot run at all. What a script needs from PyPI or npm it installs into `target/conformance`.
"""

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent
TOOLS = REPO / "target" / "conformance"

sys.path.insert(0, str(REPO / "benches"))


def cannot_run(message):
    """Ends the script with status 2: it proved nothing, neither way."""
    print(f"cannot run: {message}", file=sys.stderr)
    sys.exit(2)


def conclude(failures):
    """Ends the script: status 1 with the failures, or 0 where there is none."""
    for failure in failures[:40]:
        print(f"FAILED: {failure}", file=sys.stderr)
    if len(failures) > 40:
        print(f"FAILED: {len(failures) - 40} more of the kind", file=sys.stderr)
    sys.exit(1 if failures else 0)


def binary():
    """The release binary: `GUARDDUTY_RUNBOOKS_BIN`, or what `cargo build --release` made."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
    default = target / "release" / "guardduty-runbooks"
    path = Path(os.environ.get("GUARDDUTY_RUNBOOKS_BIN", default))
    if not path.is_file():
        cannot_run(f"{path} is missing; `cargo build --release` makes it")
    return path


def real_pages(state):
    """The folder with one state of AWS's guide, from the test data that is not in this repository."""
    data = os.environ.get("GUARDDUTY_RUNBOOKS_TEST_DATA")
    if not data:
        cannot_run("GUARDDUTY_RUNBOOKS_TEST_DATA does not name the folder with the real pages")
    pages = Path(data) / "docs" / state
    if not pages.is_dir():
        cannot_run(f"{pages} is missing")
    return pages


def write_runbooks(outdir, *arguments, accepted=(0,)):
    """Runs the binary into a folder; gives the Markdown files there as name → text."""
    command = [binary(), "--outdir", outdir, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if run.returncode not in accepted:
        shown = " ".join(map(str, command))
        conclude([f"`{shown}` exited {run.returncode}:\n{run.stderr[-4000:]}"])
    return {path.name: path.read_text("utf-8") for path in sorted(Path(outdir).glob("*.md"))}


def fill(findings, outdir=None):
    """The filled runbooks of findings, in their order; those of a folder, or the built-in ones."""
    with tempfile.TemporaryDirectory() as empty:
        lines = "\n".join(json.dumps(one) for one in findings)
        run = subprocess.run([binary(), "fill", "-", "--format", "json", "--outdir", outdir or empty],
                             input=lines, capture_output=True, text=True)
    if run.returncode:
        conclude([f"`fill` exited {run.returncode}:\n{run.stderr[-2000:]}"])
    return [json.loads(line) for line in run.stdout.splitlines()]


def python_with(name):
    """A Python whose environment holds exactly what `requirements-<name>.txt` pins."""
    wanted, folder = HERE / f"requirements-{name}.txt", TOOLS / f"python-{name}"
    installed, python = folder / wanted.name, folder / "bin" / "python"
    if not (installed.is_file() and filecmp.cmp(wanted, installed, shallow=False)):
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        shutil.copy(wanted, installed)
    return python


def use_packages(name):
    """Starts the running script again with `python_with(name)`, unless it already runs there."""
    python = python_with(name)
    if Path(sys.prefix) != python.parent.parent:
        os.execv(python, [python, *sys.argv])


def node_tool(name):
    """A program of the npm packages that `package-lock.json` pins."""
    folder, lock = TOOLS / "node", HERE / "package-lock.json"
    installed = folder / "installed.json"
    if not (installed.is_file() and filecmp.cmp(lock, installed, shallow=False)):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in (HERE / "package.json", lock):
            shutil.copy(file, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
                       cwd=folder, check=True, stdin=subprocess.DEVNULL)
        shutil.copy(lock, installed)
    return folder / "node_modules" / ".bin" / name


def program(*names):
    """The first of these programs that the machine has."""
    for name in names:
        if found := shutil.which(name):
            return found
    cannot_run(f"none of {', '.join(names)} is on this machine; the package manager has it")
