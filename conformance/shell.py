#!/usr/bin/env python3
"""Proves that bash reads every shell block, and that placeholders are safe in it, filled in or not.

A `<NAME>` outside single quotes would be a redirection until somebody fills it in, and its value
would be split, expanded or run afterwards.
"""

import re
import subprocess

from common import conclude
from fences import builtin_runbooks, by_text

PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_]*>")


def outside_single_quotes(text):
    """The placeholders that bash would not take as they are."""
    found, inside, position = [], "", 0
    while position < len(text):
        char, placeholder = text[position], PLACEHOLDER.match(text, position)
        if placeholder:
            found += [placeholder[0]] if inside != "'" else []
            position = placeholder.end()
            continue
        if inside:
            inside = "" if char == inside else inside
        elif char in "'\"":
            inside = char
        elif char == "#" and (position == 0 or text[position - 1].isspace()):
            position = text.find("\n", position) % (len(text) + 1)
        if char == "\\" and inside != "'":
            position += 1
        position += 1
    return found


def complaint_of_bash(text):
    run = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
    return run.stderr.strip() if run.returncode else ""


def main():
    runbooks, failures, placeholders = builtin_runbooks(), [], 0
    blocks = by_text(runbooks, "bash")
    for text, places in blocks.items():
        placeholders += len(PLACEHOLDER.findall(text))
        failures += [f"{places[0]}: {name} stands outside single quotes"
                     for name in outside_single_quotes(text)]
        if complaint := complaint_of_bash(text):
            failures.append(f"{places[0]}: {complaint}")
    print(f"{len(blocks)} different shell blocks in {len(runbooks)} runbooks, "
          f"{placeholders} placeholders in single quotes")
    conclude(failures if blocks else ["no runbook has a shell block"])


if __name__ == "__main__":
    main()
