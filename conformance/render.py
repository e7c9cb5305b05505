#!/usr/bin/env python3
"""Proves that runbooks look on GitHub as they are meant: by its own renderer, and in Chromium.

For every runbook, rendering with raw HTML let through and with it left out gives the same HTML, so
none is in there, and no dangerous link. Three of them, with facts, signals of Custom Detection
Rules and code, are opened in Chromium: each Markdown table is a table, each fenced block a code
block, nothing of the front matter is shown. Pictures are left in `target/conformance/pictures`.
"""

import re
import tempfile

from common import TOOLS, conclude, real_pages, write_runbooks
from rendering import TITLE, carries_html, in_chromium, without_front_matter

SHOWN = {
    "unauthorizedaccess-iamuser-instancecredentialexfiltration-outsideaws.md",
    "execution-ec2-maliciousfile-ami.md",
}
DELIMITER_ROW = re.compile(r"^[ >]*\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?\s*)?$")
FENCE = re.compile(r"^[ >]*(?:[-*+] |\d+\. )*(`{3,}|~{3,})")
ELEMENTS = set("""body h1 h2 h3 h4 h5 h6 p a strong em del code pre blockquote ul ol li hr br input
               table thead tbody tr th td""".split())


def expected_blocks(markdown):
    """How many tables and fenced code blocks the Markdown text writes."""
    tables, fences, closing = 0, 0, None
    for line in markdown.splitlines():
        fence = FENCE.match(line)
        if closing:
            if fence and fence[1].startswith(closing):
                closing = None
        elif fence:
            fences, closing = fences + 1, fence[1]
        elif DELIMITER_ROW.match(line):
            tables += 1
    return {"table": tables, "pre": fences}


def faults_in_chromium(name, markdown):
    """What Chromium shows otherwise than meant."""
    pictures = TOOLS / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    dom = in_chromium(markdown, pictures / f"{name}.png")
    body = without_front_matter(markdown)
    finding_type = re.search(r"^# (.+)$", body, re.MULTILINE)[1].replace("\\", "")
    faults = []
    if dom.text["h1"] != finding_type:
        faults.append(f"the heading reads {dom.text['h1']!r}, not {finding_type!r}")
    for element, count in expected_blocks(body).items():
        if dom.elements[element] != count:
            faults.append(f"{dom.elements[element]} <{element}> instead of {count}")
    if not dom.elements["table"]:
        faults.append("there is no table of facts")
    if strange := set(dom.elements) - ELEMENTS:
        faults.append(f"elements that Markdown does not make: {sorted(strange)}")
    if "finding_type:" in dom.text["body"]:
        faults.append("the front matter is shown")
    if dom.title != TITLE:
        faults.append(f"a script ran: the title is {dom.title!r}")
    shown = ", ".join(f"{dom.elements[element]} {element}" for element in ("h2", "table", "pre"))
    print(f"{name} in Chromium: {shown}")
    return [f"{name}: {fault}" for fault in faults]


def with_signals(runbooks):
    """One runbook of Custom Detection Rules: the one with the most tables."""
    return max(runbooks, key=lambda name: expected_blocks(runbooks[name])["table"])


def main():
    failures = []
    for template in ("classic", "runbook"):
        with tempfile.TemporaryDirectory() as outdir:
            runbooks = write_runbooks(outdir, "--source", real_pages("2026-html"),
                                      "--template", template)
        carrying = [name for name, text in runbooks.items() if carries_html(text)]
        failures += [f"{template}: {name} carries raw HTML or a dangerous link" for name in carrying]
        print(f"{template}: {len(carrying)} of {len(runbooks)} carry raw HTML or a dangerous link")
    for name in sorted(SHOWN | {with_signals(runbooks)}):
        failures += faults_in_chromium(name, runbooks[name])
    conclude(failures)


if __name__ == "__main__":
    main()
