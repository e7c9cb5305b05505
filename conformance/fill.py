#!/usr/bin/env python3
"""Proves that the runbook of a finding is safe to paste, whatever the finding says.

For all finding types, findings with harmless, strange and hostile values are filled in. bash has to
read every command (`bash -n`), and every query has to keep the shape that it has with harmless
values. The tests run the commands as well, with programs that say how they were called.
"""

import json
import re
import subprocess

from common import REPO, binary, conclude, fill, use_packages

use_packages("sql")
import sqlglot  # noqa: E402 (there only after the line above)
from sqlglot import exp  # noqa: E402

from fences import fences  # noqa: E402
from placeholders import Filled, declared  # noqa: E402
from shell import complaint_of_bash  # noqa: E402

HOSTILE = [
    "'; touch hit; '", '"; touch hit; "', "$(touch hit)", "`touch hit`", "a\ntouch hit\n",
    "```\n\n```bash\ntouch hit\n```\n", "' OR 1=1 --", "'); DROP TABLE x; --", "\u202ea\u0000b\u001b[2J",
    "--endpoint-url=http://192.0.2.1", "file:///etc/passwd", "x" * 100_000, "EOF\ntouch hit",
]
MODEL = (REPO / "guidance" / "finding-paths.txt").read_text("utf-8").splitlines()
# The lists of the API model, as paths without the brackets behind them.
LISTS = {path[:at.start()] for path in MODEL for at in re.finditer(r"\[\]", path)}
SEGMENT = re.compile(r"^(?P<name>[^\[]+)(?P<marks>.*)$")


def put(target, path, value):
    """Puts a value where a path leads to: `a.b[].c`, `a[resourceType=X].b`."""
    *steps, last = path.split(".")
    above = ""
    for step in steps:
        above = f"{above}.{SEGMENT.match(step)['name']}".lstrip(".")
        target = enter(target, step, above in LISTS)
        above += "[]" if above in LISTS else ""
    name = SEGMENT.match(last)
    target[name["name"]] = [value] if name["marks"].endswith("[]") else value


def enter(target, step, is_list):
    match = SEGMENT.match(step)
    selector = re.search(r"\[(\w+)=([^\]]+)\]", match["marks"])
    wanted = {selector[1]: selector[2]} if selector else {}
    inner = target.setdefault(match["name"], [] if is_list else {})
    if not is_list:
        inner.update(wanted)
        return inner
    for member in inner:
        if isinstance(member, dict) and wanted.items() <= member.items():
            return member
    inner.append(dict(wanted))
    return inner[-1]


def finding(finding_type, value_of):
    """A finding of a type in which every place that a placeholder is taken from has a value."""
    one = {"type": finding_type, "id": "0123456789abcdef0123456789abcdef", "severity": 5,
           "title": "t", "schemaVersion": "2.0"}
    for name, places in PLACES.items():
        for place in places:
            try:
                put(one, place, value_of(name))
            except (TypeError, AttributeError):
                continue  # another path has put a text there
    one["type"] = finding_type
    service = one.setdefault("service", {})
    service.update({"eventFirstSeen": "2026-01-31T12:00:00Z", "eventLastSeen": "2026-01-31T13:00:00Z"})
    return one


PLACES = {name: [path.split(" | ")[0] for path in one["from"]] for name, one in declared().items()}


def shape(query):
    """A query without its texts and numbers; what is left open counts as a text."""
    filled = re.sub(r"'<[A-Z0-9_]+>'", "'x'", query)
    filled = re.sub(r"<[A-Z0-9_]*TABLE>|<EVENT_DATA_STORE_ID>", "t", filled)
    filled = re.sub(r"<[A-Z0-9_]+>", "0", filled)
    tree = sqlglot.parse(filled, read="athena")
    if len(tree) != 1:
        return f"{len(tree)} statements"

    def without_value(node):
        return exp.Literal.string("x") if isinstance(node, exp.Literal) else node
    return tree[0].transform(without_value).sql("athena")


def main():
    listed = subprocess.run([binary(), "list", "--source", "builtin", "--format", "json"],
                            capture_output=True, text=True, check=True)
    types = [row["finding_type"] for row in json.loads(listed.stdout)]
    sample = Filled()
    harmless = fill(finding(one, lambda name: sample(f"<{name.upper()}>")) for one in types)
    failures, commands, queries, seen = [], 0, 0, {}
    rounds = {"harmless": harmless}
    for number in range(0, len(HOSTILE), 4):
        order = iter(range(10**9))
        rounds[f"hostile {number}"] = fill(
            finding(one, lambda name: HOSTILE[(next(order) + number) % len(HOSTILE)]) for one in types)
    for label, cases in rounds.items():
        if len(cases) != len(types):
            failures.append(f"{label}: {len(cases)} runbooks for {len(types)} findings")
        for calm, case in zip(harmless, cases):
            where = f"{case['finding_type']}, {label}"
            if label != "harmless":
                failures += [f"{where}: {name} was filled in: {value['text']!r}"
                             for name, value in case["values"].items()
                             if any(value["text"] == hostile for hostile in HOSTILE)]
            calm_blocks, blocks = fences(calm["markdown"]), fences(case["markdown"])
            if [block.language for block in calm_blocks] != [block.language for block in blocks]:
                failures.append(f"{where}: other blocks than with harmless values")
                continue
            for language, calm_text, text in (
                    (calm_block.language, calm_block.text, block.text)
                    for calm_block, block in zip(calm_blocks, blocks)):
                if language == "bash":
                    commands += 1
                    if text not in seen:
                        seen[text] = complaint_of_bash(text)
                    if seen[text]:
                        failures.append(f"{where}: {seen[text]}")
                elif language == "sql":
                    queries += 1
                    key = (calm_text, text)
                    if key not in seen:
                        seen[key] = shape(text) == shape(calm_text)
                    if not seen[key]:
                        failures.append(f"{where}: another shape of query:\n{text}")
    values = sum(len(case["values"]) for case in harmless)
    if values < 5 * len(types):
        failures.append(f"only {values} values were filled in")
    print(f"{len(types)} finding types, {len(rounds)} rounds: {values} harmless values filled in, "
          f"{commands} shell blocks, {queries} queries: {len(failures)} faults")
    conclude(failures)


if __name__ == "__main__":
    main()
