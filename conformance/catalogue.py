#!/usr/bin/env python3
"""Proves that the exported catalogue fits its JSON Schema, its CSV reads the same, and its ATT&CK layer
opens in MITRE's own library."""

import csv
import io
import json
import subprocess

from common import REPO, binary, conclude, use_packages

use_packages("catalogue")
from jsonschema import Draft202012Validator  # noqa: E402 (there only after the line above)
from mitreattack.navlayers import Layer  # noqa: E402

SCORES = {"Critical": 4, "High": 3, "Medium": 2, "Low": 1}


def exported(*arguments):
    command = [binary(), "export", *arguments, "--source", "builtin"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        conclude([f"`{' '.join(map(str, command))}` exited {run.returncode}: {run.stderr}"])
    return run.stdout


def schema_faults(catalogue):
    """What the schema says of the catalogue; and a schema that takes anything proves nothing."""
    schema = json.loads((REPO / "schemas" / "catalogue.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(catalogue)]
    for name in catalogue["finding_types"][0]:
        for spoil in (lambda entry: entry.pop(name), lambda entry: entry.update({name: 7})):
            broken = json.loads(json.dumps(catalogue))
            broken["finding_types"] = broken["finding_types"][:1]
            spoil(broken["finding_types"][0])
            if validator.is_valid(broken):
                faults.append(f"the schema accepts a finding type without {name}, or with 7 in it")
    return faults


def csv_faults(catalogue):
    rows = list(csv.DictReader(io.StringIO(exported("csv"), newline="")))
    entries = catalogue["finding_types"]
    faults = [] if len(rows) == len(entries) else [f"the CSV has {len(rows)} rows, not {len(entries)}"]
    for row, entry in zip(rows, entries):
        expected = {name: entry[name] or "" for name in
                    ("finding_type", "severity", "protection_plan", "url", "kind", "family", "summary", "first_move")}
        expected["techniques"] = "; ".join(entry["techniques"])
        expected["questions"] = "\n".join(question["ask"] for question in entry["questions"])
        faults += [f"{entry['finding_type']}: {name} is {row[name]!r} in the CSV"
                   for name, value in expected.items() if row[name] != value]
    return faults


def layer_faults(catalogue):
    text = exported("navigator", "--link-base", "https://git.example/runbooks")
    given, layer = json.loads(text), Layer(strict=True)
    layer.from_str(text)
    faults, read = [], layer.to_dict()
    if read["versions"]["layer"] != "4.5" or read["domain"] != "enterprise-attack":
        faults.append(f"the library reads {read['versions']} and {read['domain']}")
    covered = {technique["techniqueID"]: technique for technique in read["techniques"]}
    wanted = {technique for entry in catalogue["finding_types"] for technique in entry["techniques"]}
    if covered.keys() != wanted or len(read["techniques"]) != len(given["techniques"]):
        faults.append(f"the layer has {len(covered)} techniques, the catalogue {len(wanted)}")
    for technique in given["techniques"]:
        of = [entry for entry in catalogue["finding_types"] if technique["techniqueID"] in entry["techniques"]]
        levels = [level for entry in of for level in (entry["severity"], *(s["severity"] for s in entry["signals"]))]
        score = max((SCORES[level] for level in levels if level in SCORES), default=2)
        links = {(link["label"], link["url"]) for link in technique["links"]}
        expected = {(entry["finding_type"], f"https://git.example/runbooks/{entry['slug']}.md") for entry in of}
        if technique["score"] != score or links != expected:
            faults.append(f"{technique['techniqueID']} has score {technique['score']} and {len(links)} links, "
                          f"not {score} and {len(expected)}")
        if covered[technique["techniqueID"]].get("score") != technique["score"]:
            faults.append(f"the library loses the score of {technique['techniqueID']}")
    return len(covered), faults


def main():
    catalogue = json.loads(exported("json"))
    failures = schema_faults(catalogue) + csv_faults(catalogue)
    techniques, faults = layer_faults(catalogue)
    print(f"{len(catalogue['finding_types'])} finding types fit the schema, and are the same as CSV; "
          f"{techniques} techniques in the layer: {len(failures + faults)} faults")
    conclude(failures + faults)


if __name__ == "__main__":
    main()
