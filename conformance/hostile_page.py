#!/usr/bin/env python3
"""Proves that a page that means harm stays text: in the file names, in the Markdown, in a browser.

Whoever stands between a user and the site, or runs a mirror, decides what is on a page. Here a
small guide tries scripts, event handlers, `javascript:` links, fences that end early, text that
turns into HTML once it is Markdown, and finding types that are paths.
"""

import re
import tempfile
from html import escape
from pathlib import Path

from common import conclude, write_runbooks
from rendering import TITLE, carries_html, in_chromium

OWNED = "document.title='owned'"
HTML = f"<script>{OWNED}</script><img src=x onerror=\"{OWNED}\"><iframe srcdoc=x></iframe>"
# Each is put on the page as elements and once more as text, which must not become elements again.
ATTACKS = [
    HTML,
    f"before ``` ~~~ \n```\n{HTML}\n```\n after",
    f'<a href="javascript:{OWNED}">a link</a> and [another](javascript:{OWNED})',
    f'<a href="https://example.com/)[x](javascript:{OWNED})">x](javascript:{OWNED})</a>',
    f"<table><tr><th>one | two</th></tr><tr><td>{HTML}|{HTML}</td></tr></table>",
    f"<pre><code>```\n{HTML}\n```\n</code></pre>",
    f"<!-- --><svg onload={OWNED}></svg> <http://example.com> &amp;lt;b&amp;gt;",
    f"https://example.com/{HTML} www.example.com/[{HTML} someone@example.com{HTML}",
    f"---\nstatus: forged\n---\n\n    {HTML}",
]
GOOD = ["Trojan:EC2/HarmlessName", "Trojan:EC2/HarmlessName!DNS"]
BAD = ["../../outside:EC2/Path", "Trojan:EC2/../../outside", "/tmp/outside:EC2/Path",
       "Trojan:EC2/Name<script>", "Trojan:EC2/Name\nother"]
EXPECTED = {"trojan-ec2-harmlessname.md", "trojan-ec2-harmlessname-dns.md"}


def index_page():
    rows = "".join(
        f'<tr><td><p><a href="./findings-hostile.html#type-{number}">{escape(name)}</a></p></td>'
        f"<td><p>EC2{HTML}</p></td><td><p>DNS logs{escape(HTML)}</p></td><td><p>High{HTML}</p></td></tr>"
        for number, name in enumerate(GOOD + BAD))
    return page("Finding types", "<table><thead><tr><th>Finding type</th><th>Resource type</th>"
                "<th>Foundational data source/Feature</th><th>Finding severity</th></tr></thead>"
                f"{rows}</table>")


def finding_page():
    sections = "".join(
        f'<h2 id="type-{number}">{escape(name)}</h2><h3>It {escape(HTML)} reads {HTML} badly.</h3>'
        f"<p><b>Default severity: High</b></p><ul><li><p><b>Data source:</b> DNS logs</p></li></ul>"
        + "".join(f"<p>{attack}</p><p>{escape(attack)}</p>" for attack in ATTACKS)
        + "<p><b>Remediation recommendations:</b></p>"
        + "".join(f"<ul><li><p>{attack}</p><p>{escape(attack)}</p></li></ul>" for attack in ATTACKS)
        for number, name in enumerate(GOOD + BAD))
    return page("Hostile finding types", sections)


def page(title, content):
    return (f"<!DOCTYPE html><html><head><title>{title}</title></head><body>"
            f'<div id="main-col-body"><h1>{title}</h1>{content}</div></body></html>')


def faults(name, text, picture):
    """What of the page came to life in one runbook."""
    if carries_html(text):
        yield "carries raw HTML or a dangerous link"
    if re.search(r"^status: forged", text.split("\n---\n")[0], re.MULTILINE):
        yield "has front matter from the page"
    dom = in_chromium(text, picture)
    if dom.title != TITLE:
        yield f"ran a script: the title is {dom.title!r}"
    for element in ("script", "img", "iframe", "svg"):
        if dom.elements[element]:
            yield f"has a <{element}>"
    if handlers := [attribute for attribute in dom.attributes if attribute.startswith("on")]:
        yield f"has event handlers: {handlers}"


def main():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        guide = Path(folder, "pages")
        guide.mkdir()
        (guide / "guardduty_finding-types-active.html").write_text(index_page(), "utf-8")
        (guide / "findings-hostile.html").write_text(finding_page(), "utf-8")
        for template in ("classic", "runbook"):
            outdir = Path(folder, template, "inner", "outdir")
            # 4: names outside the grammar are reported as findings that were not written.
            runbooks = write_runbooks(outdir, "--source", guide, "--template", template,
                                      accepted=(0, 4))
            if set(runbooks) != EXPECTED:
                failures.append(f"{template}: wrote {sorted(runbooks)}")
            written = [path for path in Path(folder, template).rglob("*") if path.is_file()]
            failures += [f"{template}: wrote {path}" for path in written
                         if not path.is_relative_to(outdir)
                         or path.suffix == ".md" and path.name not in EXPECTED]
            for name, text in runbooks.items():
                found = faults(name, text, Path(folder, "picture.png"))
                failures += [f"{template}: {name} {fault}" for fault in found]
            print(f"{template}: {len(runbooks)} runbooks from a hostile page looked at in Chromium")
    conclude(failures)


if __name__ == "__main__":
    main()
