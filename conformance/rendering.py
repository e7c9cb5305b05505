"""Markdown as GitHub's own renderer (cmark-gfm) and then Chromium see it."""

import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from html.parser import HTMLParser
from pathlib import Path

from common import conclude, program

EXTENSIONS = ["table", "strikethrough", "autolink", "tasklist"]
CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", "--window-size=1000,1600", "--virtual-time-budget=2000"]
TITLE = "a runbook"
VOID = {"br", "hr", "img", "input", "link", "meta"}
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 sans-serif; max-width: 900px; margin: 2em auto }}
table {{ border-collapse: collapse }} th, td {{ border: 1px solid #bbb; padding: 4px 10px }}
pre {{ background: #f3f3f3; padding: 12px; overflow: auto }}
</style></head><body>{body}</body></html>"""


def without_front_matter(markdown):
    """The text below the YAML block, which GitHub shows as a table of its own."""
    return re.sub(r"\A---\n.*?\n---\n", "", markdown, count=1, flags=re.DOTALL)


def to_html(markdown, raw_html):
    """GitHub-flavoured Markdown as HTML; `raw_html` lets raw HTML and every link scheme through."""
    command = [program("cmark-gfm"), *(["--unsafe"] if raw_html else [])]
    for extension in EXTENSIONS:
        command += ["--extension", extension]
    return subprocess.run(command, input=markdown, capture_output=True, text=True, check=True).stdout


def carries_html(markdown):
    """Whether the renderer, told to leave out raw HTML and dangerous links, leaves anything out."""
    body = without_front_matter(markdown)
    return to_html(body, raw_html=True) != to_html(body, raw_html=False)


class Dom(HTMLParser):
    """What a browser made of a page: its title, and the elements, attributes and text of its body."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.attributes, self.text = Counter(), Counter(), defaultdict(str)
        self.title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1]
        self._open = []
        self.feed(html[html.index("<body>"):])

    def handle_starttag(self, tag, attributes):
        self.elements[tag] += 1
        self.attributes.update(name for name, _ in attributes)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        for tag in set(self._open):
            self.text[tag] += data


def in_chromium(markdown, picture):
    """Opens the rendered Markdown, raw HTML let through, in Chromium.

    Gives the DOM after scripts have had two seconds to run, and leaves a PNG at `picture`.
    """
    body = to_html(without_front_matter(markdown), raw_html=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(PAGE.format(title=TITLE, body=body), "utf-8")
        dom = chromium(page, "--dump-dom")
        chromium(page, f"--screenshot={picture}")
    if not Path(picture).read_bytes().startswith(b"\x89PNG"):
        conclude([f"Chromium left no picture at {picture}"])
    return Dom(dom)


def chromium(page, *wanted):
    """Runs Chromium once with a new profile; gives what it printed."""
    browser = program("chromium", "chromium-browser", "google-chrome")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, *CHROMIUM, f"--user-data-dir={profile}", *wanted, page.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        conclude([f"Chromium exited {run.returncode}: {run.stderr[-2000:]}"])
    return run.stdout
