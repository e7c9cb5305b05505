#!/usr/bin/env python3
"""Proves that `--template classic` writes what the published Python tool writes, from the same pages.

Both read one mirror on loopback. Of the Python tool's known faults these are mended before the two
are compared: a dash at the end of a name (from a space in the table), relative links, and a missing
final newline. White space aside the texts must then be equal; how many are equal to the letter is
counted.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from common import REPO, conclude, python_with, real_pages, write_runbooks
from guide_server import GUIDE, GuideServer

SITE = "https://docs.aws.amazon.com"


def run_python_tool(mirror, outdir):
    """Its files as name → text, with the known faults mended."""
    script = REPO / "benches" / "python_tool.py"
    run = subprocess.run([python_with("python-tool"), script, mirror, outdir],
                         capture_output=True, text=True)
    if run.returncode != 0:
        conclude([f"the Python tool exited {run.returncode}: {run.stderr[-2000:]}"])
    return {f"{path.stem.rstrip('-')}.md": mended(path.read_text("utf-8"))
            for path in Path(outdir).glob("*.md")}


def mended(text):
    return re.sub(r"\]\(\./", f"]({SITE}{GUIDE}", text) + "\n"


def without_attribution(text):
    """The text before the rule that parts it from the attribution."""
    return text.rpartition("\n---\n")[0]


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def main():
    with GuideServer(real_pages("2025-12-html")) as server, tempfile.TemporaryDirectory() as folder:
        theirs = run_python_tool(server.url, Path(folder, "theirs"))
        ours = write_runbooks(Path(folder, "ours"), "--source", server.url, "--template", "classic",
                              "--cache-dir", Path(folder, "cache"))
    ours = {name: without_attribution(text) for name, text in ours.items()}
    failures = [f"only the Python tool writes {name}" for name in sorted(theirs.keys() - ours.keys())]
    failures += [f"the Python tool does not write {name}" for name in sorted(ours.keys() - theirs.keys())]
    both = sorted(ours.keys() & theirs.keys())
    failures += [f"{name} differs from the Python tool's" for name in both
                 if words(ours[name]) != words(theirs[name])]
    # The blank line before the rule is the attribution's, not the text's.
    to_the_letter = sum(ours[name].rstrip("\n") == theirs[name].rstrip("\n") for name in both)
    print(f"{len(both)} runbooks written by both, {to_the_letter} equal to the letter")
    conclude(failures)


if __name__ == "__main__":
    main()
