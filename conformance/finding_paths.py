#!/usr/bin/env python3
"""Proves that the field names that guidance relies on are those of AWS's own API model.

`guidance/finding-paths.txt` has every path into a finding's JSON, `guidance/finding-values.txt` the
kind of every value that is no text and the name that clients have for it where it is another one,
`guidance/filter-criteria.txt` every criterion by which findings can be filtered. All are facts of the
model that botocore brings; with `--write` they are written anew, to be read and committed.
"""

import re
import sys

from common import REPO, conclude, use_packages

use_packages("finding-paths")
from botocore.loaders import Loader  # noqa: E402 (there only after the line above)


def paths(shapes, name, path=""):
    """The paths below a shape: `[]` for a member of a list, `.*` for whatever a map holds."""
    shape = shapes[name]
    kind = shape["type"]
    if kind == "structure":
        for key, member in shape["members"].items():
            below = member.get("locationName", key)
            yield from paths(shapes, member["shape"], f"{path}.{below}" if path else below)
    elif kind == "list":
        yield from paths(shapes, shape["member"]["shape"], f"{path}[]")
    else:
        yield f"{path}.*" if kind == "map" else path


def values(shapes, name, path=""):
    """A line for each value that is a number or a boolean, or that clients name in another way."""
    kinds = {"integer": "number", "long": "number", "double": "number", "boolean": "boolean"}
    shape = shapes[name]
    if shape["type"] == "list":
        yield from values(shapes, shape["member"]["shape"], f"{path}[]")
    for key, member in shape.get("members", {}).items():
        name_on_wire = member.get("locationName", key)
        below = f"{path}.{name_on_wire}" if path else name_on_wire
        kind = kinds.get(shapes[member["shape"]]["type"], "text")
        other_name = key.lower() != name_on_wire.lower()
        if kind != "text" or other_name:
            yield f"{below} {kind}" + (f" {key}" if other_name else "")
        yield from values(shapes, member["shape"], below)


def criteria(shapes):
    """The names that the documentation of `CreateFilter` lists."""
    text = shapes["CreateFilterRequest"]["members"]["FindingCriteria"]["documentation"]
    return re.findall(r"<li> <p>([A-Za-z0-9.]+)</p>", text)


def main():
    shapes = Loader().load_service_model("guardduty", "service-2")["shapes"]
    failures = []
    for name, lines in (("finding-paths.txt", paths(shapes, "Finding")),
                        ("finding-values.txt", values(shapes, "Finding")),
                        ("filter-criteria.txt", criteria(shapes))):
        file, lines = REPO / "guidance" / name, sorted(lines)
        if sys.argv[1:] == ["--write"]:
            file.write_text("\n".join(lines) + "\n", "utf-8")
        committed = file.read_text("utf-8").splitlines()
        failures += [f"{name} lacks {line}" for line in sorted(set(lines) - set(committed))]
        failures += [f"{name}: {line} is not in the model" for line in sorted(set(committed) - set(lines))]
        print(f"{name}: {len(committed)} lines, {len(lines)} in the model")
    conclude(failures)


if __name__ == "__main__":
    main()
