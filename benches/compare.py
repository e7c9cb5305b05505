#!/usr/bin/env python3
"""Compares the published Python tool with this one, on the same pages from the same server.

    compare.py FOLDER [--runs 3] [--delay MILLISECONDS] [--binary PATH] [--template classic]

FOLDER holds pages of the GuardDuty guide. They are served on loopback, each tool writes its runbooks
into an empty folder, and the medians of all runs are printed side by side. Needs, in the Python that
runs it: `pip install guardduty-runbooks==0.3.0 requests`. How to get pages: see README.md.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from costs import BINARY, HERE, cost, existing_binary
from guide_server import GuideServer


def measure(server, command, outdir):
    """Runs one tool once: what it cost, what the server saw, how many files it wrote."""
    server.take_log()
    measured = cost(command)
    log = server.take_log()
    return {"runbooks": len(list(Path(outdir).glob("*.md"))), "requests": len(log),
            "bytes": sum(request.bytes for request in log), **measured}


def python_tool(server, scratch):
    outdir = scratch / "python"
    return measure(server, [sys.executable, HERE / "python_tool.py", server.url, outdir], outdir)


def this_tool(server, scratch, outdir, given):
    command = [given.binary, "--outdir", scratch / outdir, "--source", server.url, "--template",
               given.template, "--cache-dir", scratch / "cache"]
    return measure(server, command, scratch / outdir)


def run_all(server, given):
    """One round: the Python tool, then this one with an empty cache, then again with a full one."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        return (python_tool(server, scratch), this_tool(server, scratch, "cold", given),
                this_tool(server, scratch, "warm", given))


def medians(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def table(theirs, cold, warm):
    """The three columns with their ratios, as a Markdown table."""
    rows = [("runbooks written", "runbooks", "{:.0f}", 1), ("requests", "requests", "{:.0f}", 1),
            ("bytes of pages sent", "bytes", "{:,.0f}", 1), ("wall time, s", "wall", "{:.3f}", 1),
            ("CPU time, s", "cpu", "{:.3f}", 1), ("peak memory, MiB", "peak", "{:.1f}", 2**20)]
    yield "| median | Python tool | cold cache | ratio | warm cache | ratio |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for title, key, shape, unit in rows:
        values = [shape.format(column[key] / unit) for column in (theirs, cold, warm)]
        ratios = [f"{theirs[key] / column[key]:.1f}×" if column[key] and key != "runbooks" else ""
                  for column in (cold, warm)]
        yield f"| {title} | {values[0]} | {values[1]} | {ratios[0]} | {values[2]} | {ratios[1]} |"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", help="pages, directly or under guardduty/latest/ug/")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median is shown")
    parser.add_argument("--delay", type=int, default=0,
                        help="milliseconds that the server waits before each answer")
    parser.add_argument("--binary", default=BINARY)
    parser.add_argument("--template", default="classic", help="classic is what the Python tool writes")
    given = parser.parse_args()
    given.binary = existing_binary(parser, given.binary)
    return given


def main():
    given = arguments()
    with GuideServer(given.folder, delay_ms=given.delay) as server:
        rounds = [run_all(server, given) for _ in range(given.runs)]
    print(f"{given.folder}, {given.runs} runs, {given.delay} ms delay, template {given.template}\n")
    print("\n".join(table(*map(medians, zip(*rounds)))))


if __name__ == "__main__":
    main()
