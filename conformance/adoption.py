#!/usr/bin/env python3
"""Proves that a folder of the published Python tool is taken over without losing an edit.

The Python tool writes its folder from a mirror on loopback; ten of its files are edited in the ways
of people; git remembers the folder as it was. Then `adopt`, `update` to a later state of the guide,
and `update` once more, which has to change nothing.
"""

import subprocess
import tempfile
from pathlib import Path

from common import REPO, binary, conclude, python_with, real_pages
from guide_server import GuideServer


def program(folder, *arguments):
    """Runs ours in a folder; gives status and what it said."""
    done = subprocess.run([binary(), *arguments, "--outdir", folder], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stderr


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
                   cwd=folder, check=True, capture_output=True)


def edit(path, number):
    """Edits a file in one of three ways; gives what has to stay in it."""
    text = path.read_text("utf-8")
    added = f"Our rule {number}: tell the owner first."
    if number % 3 == 0:
        text += f"\n\n## Our steps\n\n{added}\n"
    elif number % 3 == 1:
        lines = text.split("\n")
        at = max(range(len(lines)), key=lambda line: len(lines[line]))
        lines[at] += f" {added}"
        text = "\n".join(lines)
    else:
        text = text.replace("\n\n", f"\n\n{added}\n\n", 1)
    path.write_text(text, "utf-8")
    return added


def tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and ".git/" not in str(path)}


def main():
    failures = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "runbooks"
        with GuideServer(real_pages("2025-12-html")) as server:
            script = REPO / "benches" / "python_tool.py"
            subprocess.run([python_with("python-tool"), script, server.url, folder], check=True,
                           capture_output=True)
        written = sorted(folder.glob("*.md"))
        git(folder, "init", "--quiet")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", "as the tool wrote them")
        edits = {path.name: edit(path, number) for number, path in enumerate(written[::19][:10])}
        print(f"the Python tool wrote {len(written)} files, {len(edits)} of them edited since")

        status, said = program(folder, "adopt", "--source", real_pages("2025-12-html"))
        if status != 0:
            failures.append(f"adopt exited {status}: {said[-3000:]}")
        odd = [path.name for path in folder.glob("*.md") if path.stem.endswith("-")]
        if odd:
            failures.append(f"names of the Python tool are left: {odd}")
        status, said = program(folder, "update", "--source", real_pages("2026-html"))
        print(said.strip().splitlines()[-1])
        in_conflict = "is in conflict" in said
        if status != (1 if in_conflict else 0):
            failures.append(f"update exited {status}: {said[-3000:]}")
        texts = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
        for name, added in edits.items():
            own_name = f"{name.removesuffix('.md').rstrip('-')}.md"
            if added not in texts.get(own_name, ""):
                failures.append(f"{own_name} has lost an edit")
        before = tree(folder)
        program(folder, "update", "--source", real_pages("2026-html"))
        if tree(folder) != before:
            failures.append("a second update changes something")
    conclude(failures)


if __name__ == "__main__":
    main()
