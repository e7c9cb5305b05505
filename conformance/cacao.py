#!/usr/bin/env python3
"""Proves that every exported playbook keeps the rules of CACAO 2.0, as its specification has them.

The rules are put here in our own words: OASIS's JSON Schemas are in no package registry, and leave most of
these out (which steps a branch may lead to, where it ends, how ids are made, that nothing dangles). Where
CACAO_SCHEMAS names a folder with those schemas, the playbooks are held against them, too.
"""

import json
import os
import re
import subprocess
import tempfile
import uuid
from pathlib import Path

from common import binary, conclude

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
VARIABLE = r"__[a-z][a-z0-9_-]{0,199}__"
NAMESPACE = uuid.UUID("aa7caf3a-d55a-4e9a-b34e-056215fba56a")

# Section 3.1: the properties of a playbook that these use, with their JSON types.
PLAYBOOK = {
    "type": str, "spec_version": str, "id": str, "name": str, "description": str, "playbook_types": list,
    "playbook_activities": list, "playbook_processing_summary": dict, "created_by": str, "created": str,
    "modified": str, "severity": int, "labels": list, "external_references": list, "playbook_variables": dict,
    "workflow_start": str, "workflow": dict, "agent_definitions": dict,
}
OPTIONAL = {"description", "severity"}

# Section 4: required properties of each type of step, then those that may be there.
STEPS = {
    "start": ({"type", "on_completion"}, set()),
    "end": ({"type"}, set()),
    "action": ({"type", "name", "on_completion", "commands", "agent"}, {"out_args"}),
    "if-condition": ({"type", "name", "on_completion", "condition", "on_true", "on_false"}, set()),
    "switch-condition": ({"type", "name", "on_completion", "switch", "cases"}, set()),
}

# Sections 3.1.1 and 3.1.2, 10.18.3: words of the vocabularies.
TYPES = {"attack", "detection", "engagement", "investigation", "mitigation", "notification", "prevention", "remediation"}
ACTIVITIES = {
    "compose-content", "deliver-content", "identify-audience", "identify-channel", "scan-system", "match-indicator",
    "analyze-collected-data", "identify-indicators", "scan-vulnerabilities", "configure-systems", "restrict-access",
    "disconnect-system", "eliminate-risk", "revert-system", "restore-data", "restore-capabilities", "map-network",
    "identify-steps", "step-sequence", "prepare-engagement", "execute-operation", "analyze-engagement-results",
}
VARIABLE_TYPES = {"bool", "integer", "string", "uuid", "sha256-hash"}


def identifier(text, *kinds):
    return isinstance(text, str) and re.fullmatch(rf"(?:{'|'.join(kinds)})--{UUID}", text) is not None


def metadata_faults(playbook):
    faults = [f"has no {name}" for name in PLAYBOOK.keys() - OPTIONAL - playbook.keys()]
    faults += [f"has {name}, or not as {PLAYBOOK.get(name)}" for name, value in playbook.items()
               if not isinstance(value, PLAYBOOK.get(name, ()))]
    expected = uuid.uuid5(NAMESPACE, json.dumps(
        {"name": playbook["name"], "playbook_types": playbook["playbook_types"]},
        separators=(",", ":"), sort_keys=True, ensure_ascii=False))
    checks = {
        "type or version": (playbook["type"], playbook["spec_version"]) == ("playbook", "cacao-2.0"),
        "id": playbook["id"] == f"playbook--{expected}",
        "maker": identifier(playbook["created_by"], "identity"),
        "times": all(re.fullmatch(TIME, playbook[name]) for name in ("created", "modified"))
        and playbook["created"] <= playbook["modified"],
        "types": set(playbook["playbook_types"]) <= TYPES and bool(playbook["playbook_types"]),
        "activities": set(playbook["playbook_activities"]) <= ACTIVITIES and bool(playbook["playbook_activities"]),
        "severity": 1 <= playbook.get("severity", 50) <= 100,
        "labels": all(isinstance(label, str) and label for label in playbook["labels"]),
        "references": all(reference.keys() - {"external_id"} == {"name", "url"} and reference["url"].startswith("https://")
                          for reference in playbook["external_references"]),
        "agents": all(identifier(name, agent["type"]) and agent["name"] for name, agent in playbook["agent_definitions"].items()),
    }
    return faults + [f"has a wrong {name}" for name, holds in checks.items() if not holds]


def ways(step):
    """Where a step leads: the next step, and the first steps of its branches."""
    branches = [step[name] for name in ("on_true", "on_false") if name in step]
    branches += step.get("cases", {}).values()
    return step.get("on_completion"), branches


def workflow_faults(playbook):
    workflow, faults = playbook["workflow"], []
    for name, step in workflow.items():
        required, optional = STEPS.get(step["type"], (set(), set()))
        if not identifier(name, step["type"]) or name.split("--")[1][14] != "4":
            faults.append(f"{name} is no id of a {step['type']} step")
        if not required <= step.keys() <= required | optional or not required:
            faults.append(f"{name} has {sorted(step)}")
        next_step, branches = ways(step)
        faults += [f"{name} leads to {way}, which is not there" for way in (next_step, *branches)
                   if way is not None and way not in workflow]
    if faults:
        return faults
    kinds = [step["type"] for step in workflow.values()]
    if kinds.count("start") != 1 or workflow.get(playbook["workflow_start"], {}).get("type") != "start":
        faults.append("does not have the one start step that it names")
    if "action" not in kinds or "end" not in kinds:
        faults.append("lacks an action or an end")
    ends, seen = [], set()

    def walk(name):
        """Follows a line of steps to its end, and the branches on the way to theirs."""
        while True:
            if name in seen:
                faults.append(f"{name} is met twice")
                return
            seen.add(name)
            next_step, branches = ways(workflow[name])
            for branch in branches:
                walk(branch)
            if workflow[name]["type"] == "end":
                ends.append(name)
                return
            name = next_step

    walk(playbook["workflow_start"])
    if seen != workflow.keys():
        faults.append(f"has {len(workflow.keys() - seen)} steps that no way leads to")
    if len(ends) != kinds.count("end"):
        faults.append("has ends that are no branch's own")
    summary = playbook["playbook_processing_summary"]
    if summary != {"if_logic": "if-condition" in kinds, "switch_logic": "switch-condition" in kinds}:
        faults.append(f"sums itself up as {summary}")
    return faults


def command_faults(playbook):
    faults, used, activities = [], set(), set()
    variables = playbook["playbook_variables"]
    for name, step in playbook["workflow"].items():
        for command in step.get("commands", []):
            if not {"type", "command", "playbook_activity"} <= command.keys() <= {
                    "type", "command", "playbook_activity", "description"} or command["type"] not in ("manual", "bash"):
                faults.append(f"{name} has a command with {sorted(command)}")
            if not command["command"].strip():
                faults.append(f"{name} has an empty command")
            activities.add(command["playbook_activity"])
        if step["type"] == "action" and (not step["commands"] or step["agent"] not in playbook["agent_definitions"]):
            faults.append(f"{name} has no command, or an agent that is not defined")
        faults += [f"{name} sets {out}, which is not declared" for out in step.get("out_args", []) if out not in variables]
        used |= set(step.get("out_args", []))
        if step["type"] == "if-condition" and not re.fullmatch(rf"{VARIABLE}:value = '[^']*'", step["condition"]):
            faults.append(f"{name} has the condition {step['condition']}")
        if step["type"] == "switch-condition" and (
                not re.fullmatch(rf"{VARIABLE}:value", step["switch"]) or len(step["cases"]) < 2
                or not all(re.match(r"[A-Za-z0-9_-]", case) for case in step["cases"])):
            faults.append(f"{name} has the switch {step['switch']} with {sorted(step['cases'])}")
    # As it stands in a description, a variable may come from another one's.
    text = json.dumps([playbook["workflow"], [variable["description"] for variable in variables.values()]])
    named = set(re.findall(rf"({VARIABLE}):value", text))
    faults += [f"uses {name}, which is not declared" for name in named - variables.keys()]
    faults += [f"declares {name}, which nothing uses" for name in variables.keys() - named - used]
    faults += [f"leaves {name} open" for name in set(re.findall(r"<[A-Z][A-Z0-9_]+>", text))]
    faults += [f"declares {name} as {variable}" for name, variable in variables.items()
               if not re.fullmatch(VARIABLE, name) or variable["type"] not in VARIABLE_TYPES
               or variable.keys() != {"type", "description", "external"}]
    if activities != set(playbook["playbook_activities"]):
        faults.append(f"names other activities than its commands have: {sorted(activities)}")
    return faults


def unreadable(playbooks):
    """Shell commands that bash cannot read."""
    commands = {command["command"] for playbook in playbooks.values() for step in playbook["workflow"].values()
                for command in step.get("commands", []) if command["type"] == "bash"}
    faults = []
    for command in sorted(commands):
        read = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True)
        if read.returncode or read.stderr:
            faults.append(f"bash does not read {command!r}: {read.stderr.strip()}")
    return len(commands), faults


def schema_faults(playbooks):
    """What OASIS's own schemas say, where they are at hand."""
    folder = os.environ.get("CACAO_SCHEMAS")
    if not folder:
        return []
    from jsonschema import Draft7Validator
    from referencing import Registry, Resource
    schemas = [json.loads(path.read_text("utf-8")) for path in Path(folder).rglob("*.json")]
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)
    root = next(schema for schema in schemas if schema.get("title") == "playbook")
    validator = Draft7Validator(root, registry=registry)
    print(f"held against {len(schemas)} of OASIS's schemas")
    return [f"{name}: {error.json_path}: {error.message[:200]}" for name, playbook in playbooks.items()
            for error in validator.iter_errors(playbook)]


def export(folder, *options):
    command = [binary(), "export", "cacao", "--source", "builtin", "--output", folder, *options]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        conclude([f"the export exited {run.returncode}: {run.stderr}"])
    return {path.name: path.read_text("utf-8") for path in sorted(Path(folder).glob("*.json"))}


def main():
    with tempfile.TemporaryDirectory() as scratch:
        texts = export(f"{scratch}/a")
        failures = [] if export(f"{scratch}/b") == texts else ["a second export is another one"]
        later = export(f"{scratch}/c", "--modified", "2027-01-01T00:00:00Z")
    playbooks = {name: json.loads(text) for name, text in texts.items()}
    for name, playbook in playbooks.items():
        if json.loads(later[name]) != playbook | {"modified": "2027-01-01T00:00:00.000Z"}:
            failures.append(f"{name}: --modified changes something else")
        faults = metadata_faults(playbook) + workflow_faults(playbook) + command_faults(playbook)
        failures += [f"{name} {fault}" for fault in faults]
    ids = [key.split("--")[1] for playbook in playbooks.values()
           for key in (playbook["id"], *playbook["workflow"], *playbook["agent_definitions"])]
    if len(ids) != len(set(ids)):
        failures.append(f"{len(ids) - len(set(ids))} ids stand for several objects")
    commands, faults = unreadable(playbooks)
    failures += faults + schema_faults(playbooks)
    decisions = sum(step["type"] == "switch-condition" for playbook in playbooks.values()
                    for step in playbook["workflow"].values())
    print(f"{len(playbooks)} playbooks with {sum(len(p['workflow']) for p in playbooks.values())} steps, {decisions} "
          f"decisions and {commands} different shell commands: {len(failures)} faults")
    conclude(failures if len(playbooks) > 200 and decisions else ["there is too little to look at"])


if __name__ == "__main__":
    main()
