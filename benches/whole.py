#!/usr/bin/env python3
"""What whole runs of the program cost: from a folder, from what is built in, over edited files.

    whole.py FOLDER [--runs 15] [--binary PATH] [--against PATH] [--instructions]

FOLDER holds pages of the GuardDuty guide (README.md says how to get them). All runs are made in
turn, round by round, so that whatever else the machine does falls on all alike. With `--against`
another build of the program runs beside it, and the table has its figures and ratios.
`--instructions` counts instructions with valgrind instead, which other work does not disturb.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from costs import BINARY, cost, existing_binary

FINDING = Path(__file__).with_name("finding.json")
EDIT = ("\n## Contain\n", "\nAsk the owner of the workload first.\n\n## Contain\n")


class Case:
    """One kind of run. `prepare` makes the folder that it starts from."""

    def __init__(self, name, arguments, prepare=None, status=0):
        self.name, self.arguments, self.prepare, self.status = name, arguments, prepare, status

    def command(self, binary, outdir):
        return [binary, *(str(outdir) if word == "OUT" else word for word in self.arguments)]


def cases(folder):
    """The runs, in the order of the table."""
    source = ["--source", str(Path(folder).resolve())]
    out, builtin = ["--outdir", "OUT"], ["--source", "builtin"]
    return [
        Case("`--version`", ["--version"]),
        Case("`list`, built in", ["list", *builtin, *out]),
        Case("`show`, built in", ["show", "CryptoCurrency:EC2/BitcoinTool.B!DNS", *builtin, *out]),
        Case("`fill`, one finding", ["fill", str(FINDING), *out]),
        Case("read, parse, render, write nothing", ["--dry-run", *source, *out]),
        Case("the same, `classic`", ["--dry-run", "--template", "classic", *source, *out]),
        Case("the same, built in", ["--dry-run", *builtin, *out]),
        Case("first run, all written", [*source, *out]),
        Case("second run, nothing to do", [*source, *out], written),
        Case("`check`, every file edited", ["check", *source, *out], edited),
    ]


def written(binary, folder, outdir):
    run([binary, "--source", folder, "--outdir", outdir])


def edited(binary, folder, outdir):
    """Every runbook with a line of somebody's own."""
    written(binary, folder, outdir)
    for runbook in outdir.glob("*.md"):
        text = runbook.read_text(encoding="utf-8")
        assert EDIT[0] in text, runbook
        runbook.write_text(text.replace(*EDIT, 1), encoding="utf-8")


def run(command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def instructions(command, expected):
    """The instructions that a command takes, in millions."""
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    ran = subprocess.run([*tool, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ran.returncode == expected, ran.stderr
    counted = re.search(r"Collected : ([\d,]+)", ran.stderr)
    return {"instructions": int(counted[1].replace(",", "")) / 1e6}


def measure(case, binary, folder, scratch, given):
    """Runs a case once, each time from a fresh copy of what it starts from."""
    outdir = scratch / "out"
    shutil.rmtree(outdir, ignore_errors=True)
    if case.prepare:
        build = given.builds.index(binary)
        prepared = scratch / f"{case.prepare.__name__}-{build}"
        if not prepared.exists():
            prepared.mkdir()
            case.prepare(binary, folder, prepared)
        shutil.copytree(prepared, outdir)
    else:
        outdir.mkdir()
    count = instructions if given.instructions else cost
    return count(case.command(binary, outdir), case.status)


def known(case, binary):
    """Whether this build of the program has the command."""
    word = case.arguments[0]
    asked = [binary, *([] if word.startswith("-") else [word]), "--help"]
    return subprocess.run(asked, capture_output=True).returncode == 0


def table(results, given):
    """The figures as a Markdown table; CPU time as the fastest, which other work disturbs least."""
    two = bool(given.against)
    if given.instructions:
        columns = [("million instructions", "instructions", min, 1, "{:.1f}")]
    else:
        columns = [("CPU, fastest, ms", "cpu", min, 1000, "{:.1f}"),
                   ("wall, median, ms", "wall", statistics.median, 1000, "{:.1f}"),
                   ("peak, MiB", "peak", statistics.median, 2**-20, "{:.1f}")]
    heads = [head for title, *_ in columns for head in
             ([f"{title}, before", "now", "ratio"] if two else [title])]
    yield f"| | {' | '.join(heads)} |"
    yield "| --- |" + " ---: |" * len(heads)
    for name, builds in results.items():
        cells = []
        for _, key, choose, unit, shape in columns:
            values = [choose(run[key] for run in runs) * unit if runs else None for runs in builds]
            cells += [shape.format(value) if value else "" for value in values]
            if two:
                cells.append(f"{values[0] / values[1]:.1f}×" if all(values) else "")
        yield f"| {name} | {' | '.join(cells)} |"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", help="pages, directly or under guardduty/latest/ug/")
    parser.add_argument("--runs", type=int, help="rounds (15; 1 where instructions are counted)")
    parser.add_argument("--binary", default=BINARY)
    parser.add_argument("--against", help="another build, for before and after")
    parser.add_argument("--instructions", action="store_true", help="count with valgrind")
    given = parser.parse_args()
    given.binary = existing_binary(parser, given.binary)
    given.against = existing_binary(parser, given.against) if given.against else None
    given.runs = given.runs or (1 if given.instructions else 15)
    given.builds = [build for build in (given.against, given.binary) if build]
    return given


def main():
    given = arguments()
    folder = Path(given.folder).resolve()
    results = {case.name: [[] for _ in given.builds] for case in cases(folder)}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(given.runs):
            for case in cases(folder):
                for binary, runs in zip(given.builds, results[case.name]):
                    if known(case, binary):
                        runs.append(measure(case, binary, folder, Path(scratch), given))
    print(f"{given.folder}, {given.runs} rounds\n")
    print("\n".join(table({name: runs for name, runs in results.items() if any(runs)}, given)))


if __name__ == "__main__":
    main()
