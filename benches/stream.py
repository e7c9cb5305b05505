#!/usr/bin/env python3
"""Counts a stream of findings with `fill --summary`, and beside it with jq, sort and uniq.

    stream.py FOLDER [--records 1000000] [--distinct 1000] [--runs 1] [--binary PATH]

FOLDER holds findings as JSON files in GuardDuty's own form, alone, in EventBridge events or as
`aws guardduty get-findings` gives them. They are repeated with other ids, one a line, into a gzip file
as an S3 export has them. Then a tenth of them is counted as well, for the memory that each takes. Both
programs have to come to the same counts. Needs jq, gzip, sort and uniq.
"""

import argparse
import gzip
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
PIPELINE = 'gzip --decompress --stdout "$0" | jq -c .type | sort | uniq -c'


def as_exported(value):
    """The names of an S3 export for what the API's clients write with a capital."""
    if isinstance(value, list):
        return [as_exported(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name[:1].lower() + name[1:]: as_exported(one) for name, one in value.items()}


def samples(folder):
    for file in sorted(folder.glob("*.json")):
        value = json.loads(file.read_text("utf-8"))
        value = value.get("detail", value)
        for finding in value.get("Findings", [value]):
            finding = as_exported(finding)
            if isinstance(finding.get("type"), str) and "/" in finding["type"]:
                yield finding


def write(path, findings, records, distinct):
    """Writes that many records about so many findings; gives back how many bytes they were."""
    halves = []
    for finding in findings:
        line = json.dumps({**finding, "id": "@"}, separators=(",", ":")) + "\n"
        halves.append(line.split('"@"'))
    size = 0
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as out:
        for number in range(records):
            before, after = halves[number % len(halves)]
            name = hashlib.md5(str(number % distinct).encode()).hexdigest()
            size += out.write(f'{before}"{name}"{after}')
    return size


def measure(command):
    """What a command costs, with those that it starts, and what it prints."""
    helper = [sys.executable, "-I", "-S", HERE / "measure.py"]
    run = subprocess.run([*helper, *command], stdout=subprocess.PIPE, text=True, check=True)
    said, _, cost = run.stdout.rstrip("\n").rpartition("\n")
    cost = json.loads(cost)
    if cost["status"] != 0:
        sys.exit(f"{command[0]} exited {cost['status']}")
    return said, cost


def ours(binary, export):
    said, cost = measure([binary, "fill", "--summary", "--quiet", "--format", "json", export])
    summary = json.loads(said)
    counts = Counter()
    for row in summary["types"] + summary["samples"]:
        counts[row["finding_type"]] += row["records"]
    return counts, cost


def theirs(export):
    said, cost = measure(["sh", "-c", PIPELINE, export])
    counts = Counter()
    for line in said.splitlines():
        count, name = line.split()
        counts[json.loads(name)] += int(count)
    return counts, cost


def medians(costs):
    return {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}


def report(given, size, packed, mine, peer, tenth):
    yield (f"{given.records:,} records about {given.distinct:,} findings, {size / 1e6:,.0f} MB, "
           f"{packed / 1e6:,.0f} MB as gzip\n")
    yield "| | fill --summary | jq, sort, uniq | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    for title, value, shape in [
        ("wall time, s", lambda cost: cost["wall"], "{:.2f}"),
        ("CPU time, s", lambda cost: cost["cpu"], "{:.2f}"),
        ("records a second", lambda cost: given.records / cost["wall"], "{:,.0f}"),
        ("MB a second, decompressed", lambda cost: size / 1e6 / cost["wall"], "{:,.0f}"),
        ("peak memory, MiB", lambda cost: cost["peak"] / 2**20, "{:.1f}"),
    ]:
        a, b = value(mine), value(peer)
        yield f"| {title} | {shape.format(a)} | {shape.format(b)} | {max(a, b) / min(a, b):.1f}× |"
    yield (f"\nPeak memory over a tenth of the records: {tenth['peak'] / 2**20:.1f} MiB, over all: "
           f"{mine['peak'] / 2**20:.1f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=1000, help="how many findings they are about")
    parser.add_argument("--runs", type=int, default=1, help="the median is shown")
    parser.add_argument("--binary", type=Path, default=TARGET / "release" / "guardduty-runbooks")
    given = parser.parse_args()
    if not given.binary.is_file():
        parser.error(f"{given.binary} is missing; `cargo build --release` makes it")
    findings = list(samples(given.folder))
    if not findings:
        parser.error(f"there is no finding in GuardDuty's own form in {given.folder}")
    with tempfile.TemporaryDirectory() as folder:
        export, tenth = Path(folder, "export.jsonl.gz"), Path(folder, "tenth.jsonl.gz")
        size = write(export, findings, given.records, given.distinct)
        write(tenth, findings, given.records // 10, given.distinct)
        mine = [ours(given.binary, export) for _ in range(given.runs)]
        peer = [theirs(export) for _ in range(given.runs)]
        for counts, _ in mine + peer:
            if counts != mine[0][0] or counts.total() != given.records:
                sys.exit(f"the counts differ: {mine[0][0]} and {counts}")
        lines = report(given, size, export.stat().st_size, medians([cost for _, cost in mine]),
                       medians([cost for _, cost in peer]), ours(given.binary, tenth)[1])
        print("\n".join(lines))


if __name__ == "__main__":
    main()
