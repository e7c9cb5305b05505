#!/usr/bin/env python3
"""Proves that a run that is killed at any moment loses nothing, and that the next run completes it.

200 first runs and updates are ended with SIGKILL after a random time. After each: every runbook is
whole (as before the run or as after it), every edit is in its file, and the tree after the next run,
state folder included, equals that of a run that nobody disturbed. The seed is printed; `killed.py
SEED` repeats a run's choice of moments, though not the machine's speed.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import binary, conclude, real_pages

ROUNDS = 100
EDIT = "\n## Our own steps\n\nCall the service owner of {}.\n"


def run(outdir, *arguments):
    """Runs to the end; gives the seconds that it took."""
    begin = time.monotonic()
    done = subprocess.run([binary(), *arguments, "--quiet", "--outdir", outdir],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        conclude([f"`{' '.join(map(str, arguments))}` exited {done.returncode}: {done.stderr[-2000:]}"])
    return time.monotonic() - begin


def killed(outdir, after, *arguments):
    """Starts a run and kills it after so many seconds; gives whether it was still at work."""
    process = subprocess.Popen([binary(), *arguments, "--quiet", "--outdir", outdir],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def tree(folder):
    """Every file as path → bytes, but for the empty lock."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"}


def runbooks(folder):
    return {name: text for name, text in tree(folder).items()
            if "/" not in name and name.endswith(".md")}


def edited(folder):
    """Adds a section to every fifth runbook, as people do; gives what each must go on holding."""
    edits = {}
    for path in sorted(folder.glob("*.md"))[::5]:
        edits[path.name] = EDIT.format(path.stem)
        path.write_text(path.read_text("utf-8") + edits[path.name], "utf-8")
    return edits


def story(title, start, arguments, edits, scratch, chance):
    """Kills runs from one starting tree; gives failures and how many were killed at work."""
    undisturbed = scratch / f"{title}-undisturbed"
    shutil.copytree(start, undisturbed)
    seconds = run(undisturbed, *arguments)
    before, after = runbooks(start), runbooks(undisturbed)
    expected, failures, at_work = tree(undisturbed), [], 0
    for number in range(ROUNDS):
        folder = scratch / f"{title}-{number}"
        shutil.copytree(start, folder)
        moment = chance.uniform(0, seconds)
        at_work += killed(folder, moment, *arguments)
        where = f"{title}, killed after {moment:.4f} s"
        for name, text in runbooks(folder).items():
            if text not in (before.get(name), after.get(name)):
                failures.append(f"{where}: {name} is neither the old one nor the new one")
        for name, edit in edits.items():
            if edit not in (folder / name).read_text("utf-8"):
                failures.append(f"{where}: {name} has lost an edit")
        run(folder, *arguments)
        if tree(folder) != expected:
            differing = [name for name in tree(folder).keys() | expected.keys()
                         if tree(folder).get(name) != expected.get(name)]
            failures.append(f"{where}: the next run ends with other {sorted(differing)[:3]}")
        shutil.rmtree(folder)
    print(f"{title}: {ROUNDS} runs of {seconds:.2f} s, {at_work} of them killed at work")
    if at_work < ROUNDS // 4:
        failures.append(f"{title}: only {at_work} were killed at work, which proves too little")
    return failures


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    old, new = real_pages("2024-11-html"), real_pages("2026-html")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        empty = scratch / "empty"
        empty.mkdir()
        failures = story("first run", empty, ["--source", new], {}, scratch, chance)
        start = scratch / "start"
        run(start, "--source", old)
        edits = edited(start)
        failures += story("update", start, ["update", "--source", new], edits, scratch, chance)
    conclude(failures)


if __name__ == "__main__":
    main()
