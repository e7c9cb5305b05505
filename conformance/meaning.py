#!/usr/bin/env python3
"""Proves with a real shell and the real AWS CLI that a value of somebody else's reaches no command.

The corpus `tests/it/fill/meaning.jsonl` has findings whose values are right, and the same values of
another account, Region, kind, object or address family. Each is filled into a runbook whose commands
need the value. A shell runs the commands, with programs in the place of `aws` and `kubectl` that
record how they were called: a wrong value leaves its placeholder in every argument, a right one takes
its place in every one. The AWS CLI's own parser then reads each different call. Without network.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from common import REPO, conclude, fill, use_packages

use_packages("aws-cli")
from aws_commands import judge  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks, fences, saved_files  # noqa: E402
from placeholders import Filled  # noqa: E402

CORPUS = REPO / "tests" / "it" / "fill" / "meaning.jsonl"
RECORDER = "#!/bin/bash\nprintf '%s\\0' $# \"${0##*/}\" \"$@\" >>\"$CALLS\"\n"
DRIVER = 'for block in "$@"; do ( eval "$block" ) </dev/null >/dev/null 2>&1; done; true'
BASE = {"schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws",
        "id": "1ab92989eaf0e742df4a014d5779b5ab", "severity": 5, "title": "t",
        "service": {"eventFirstSeen": "2026-01-31T12:00:00Z", "eventLastSeen": "2026-01-31T13:00:00Z"}}


def put_in(finding, parts):
    """The finding with parts of another one in it."""
    if not (isinstance(finding, dict) and isinstance(parts, dict)):
        return parts
    return {**finding, **{name: put_in(finding.get(name), part) for name, part in parts.items()}}


def blocks(markdown, name):
    """The shell blocks of a runbook by their place, those that had a placeholder when it was open."""
    shell = [fence.text for fence in fences(markdown) if fence.language == "bash"]
    return [(place, text) for place, text in enumerate(shell) if name is None or f"<{name}>" in text]


class Recorder:
    """A folder with programs that record their calls."""

    def __init__(self, folder):
        self.folder = Path(folder)
        for program in ("aws", "kubectl"):
            path = self.folder / "bin" / program
            path.parent.mkdir(exist_ok=True)
            path.write_text(RECORDER)
            path.chmod(0o755)

    def calls(self, texts):
        """How the programs were called, in order; those of a pipe by their names."""
        calls, work = self.folder / "calls", self.folder / "work"
        calls.write_bytes(b"")
        work.mkdir(exist_ok=True)
        environment = {"PATH": str(self.folder / "bin"), "CALLS": str(calls), "HOME": str(work)}
        subprocess.run(["/bin/bash", "-c", DRIVER, "driver", *texts], cwd=work, env=environment,
                       stdin=subprocess.DEVNULL, check=True)
        words = calls.read_text().split("\0")[:-1]
        found = []
        while words:
            length = int(words[0]) + 2
            found.append(tuple(words[1:length]))
            words = words[length:]
        return sorted(found, key=lambda call: call[:3])


def cases(runbooks):
    """(placeholder, reason or none, value, finding, runbook) for each finding of the corpus."""
    for line in CORPUS.read_text("utf-8").splitlines():
        row = json.loads(line)
        name = row["placeholder"].upper()
        needing = [file for file, text in runbooks.items() if blocks(text, name)]
        in_sequence = ".sequence." in row["place"]
        fitting = [file for file in needing if file.startswith("attacksequence-") == in_sequence]
        for runbook in (fitting or needing)[:1]:
            for why, parts in [(None, row["right"]), *((one["why"], one["finding"]) for one in row["wrong"])]:
                finding = put_in(BASE, parts)
                yield name, why, row["value"], {**finding, "type": runbooks[runbook].title}, runbook


class Runbook(str):
    """A runbook's text, with the finding type that it is for."""

    @property
    def title(self):
        return next(row for row in self.splitlines() if row.startswith("# "))[2:].replace("\\", "")


def faults_of(case, open_calls, filled_calls):
    name, why, value, finding, _ = case
    shown = f"{finding['type']}, {name}, {why or 'right'}"
    if len(open_calls) != len(filled_calls):
        return [f"{shown}: {len(filled_calls)} calls in place of {len(open_calls)}"]
    mark, faults = f"<{name}>", []
    for before, after in zip(open_calls, filled_calls):
        for old, new in zip(before, after):
            if mark in old and (mark in new) != bool(why):
                faults.append(f"{shown}: {' '.join(after[:3])} … {new}")
            if mark in old and why and old.count(mark) != new.count(mark):
                faults.append(f"{shown}: {new}")
    return faults


def main():
    runbooks = {file: Runbook(text) for file, text in builtin_runbooks().items()}
    tried = list(cases(runbooks))
    filled = fill(case[3] for case in tried)
    if len(filled) != len(tried):
        conclude([f"{len(filled)} runbooks for {len(tried)} findings"])
    sample, failures, different, open_calls = Filled(), [], {}, {}
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(folder)
        for case, answer in zip(tried, filled):
            name, *_, runbook = case
            needed = [place for place, _ in blocks(runbooks[runbook], name)]
            if (name, runbook) not in open_calls:
                texts = [text for place, text in blocks(runbooks[runbook], None) if place in needed]
                open_calls[name, runbook] = recorder.calls(texts)
            texts = [text for place, text in blocks(answer["markdown"], None) if place in needed]
            calls = recorder.calls(texts)
            failures += faults_of(case, open_calls[name, runbook], calls)
            for call in calls:
                words = tuple(sample(word) for word in call)
                if call[0] == "aws" and words not in different:
                    different[words] = saved_files(runbooks[runbook], sample)
    for words, files in different.items():
        named = [file for file in files if any(file[0] in word for word in words)]
        failures += [f"{' '.join(words[:3])}: {complaint}" for complaint in judge(words, named)]
    wrong = sum(case[1] is not None for case in tried)
    print(f"{len(tried)} findings, {wrong} of them with a value of somebody else's: {len(different)} different "
          f"calls of the AWS CLI, {len(failures)} faults")
    conclude(failures if wrong > 500 else [f"only {wrong} wrong values were tried"])


if __name__ == "__main__":
    main()
