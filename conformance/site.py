#!/usr/bin/env python3
"""Proves that the web site works in a browser, from a file share as well as from a server.

Builds the site of a folder in which a team edited a runbook, hostile Markdown included; then
`site_test.mjs` uses it in Chromium: search, filters, deep links, copying, the keyboard alone, filling
from a pasted finding, printing, accessibility. Prints the size of the site.

With `--pictures DIR` the pages are also photographed, for people to look at.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from common import HERE, binary, conclude, node_tool, program, write_runbooks

EDITED = "cryptocurrency-ec2-bitcointool-b-dns.md"
OTHER, PLAN = "recon-ec2-portscan.md", "Ours, & theirs"
HOSTILE = """
## Our notes

<script>window.owned = 1</script> <img src="https://example.com/x" onerror="window.owned = 2">

[harmless?](javascript:window.owned=3) and ![picture](https://example.com/picture.png)

- [x] asked the owner of the wallet node `<INSTANCE_ID>`

```bash
aws ec2 describe-tags --filters Name=resource-id,Values=<INSTANCE_ID> --region "<REGION>"
```

## Finding

| a | b |
| :-: | -: |
| 1 | 2 |

```mermaid
flowchart TD
  A["<img src=x onerror='window.owned=4'>"] --> B["javascript:"]
  click A href "javascript:window.owned=5"
```
"""


def main():
    pictures = sys.argv[sys.argv.index("--pictures") + 1] if "--pictures" in sys.argv else ""
    chromium = program("chromium", "chromium-browser", "google-chrome")
    packages = node_tool("playwright-core").parent.parent
    with tempfile.TemporaryDirectory() as folder:
        runbooks, site, again = Path(folder, "runbooks"), Path(folder, "site"), Path(folder, "again")
        data = os.environ.get("GUARDDUTY_RUNBOOKS_TEST_DATA")
        source = Path(data, "docs", "2026-html") if data else "builtin"
        written = write_runbooks(runbooks, "--source", source)
        with open(runbooks / EDITED, "a", encoding="utf-8") as file:
            file.write(HOSTILE)
        plan = re.sub("(?m)^protection_plan: .*$", f'protection_plan: "{PLAN}"', written[OTHER])
        (runbooks / OTHER).write_text(plan, encoding="utf-8")
        for output in (site, again):
            subprocess.run([binary(), "site", "--outdir", runbooks, "--output", output, "--quiet"], check=True)
        files, copies = contents(site), contents(again)
        failures = [f"{name} is not the same in a second site" for name in files if files[name] != copies[name]]
        told(files)
        server = subprocess.Popen([binary(), "site", "--outdir", runbooks, "--serve", "0"],
                                  stderr=subprocess.PIPE, text=True, cwd=folder)
        try:
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://127\S+/", line)))
            environment = {**os.environ, "SITE": (site / "index.html").as_uri()[:-len("index.html")],
                           "SERVED": address, "PACKAGES": str(packages), "CHROMIUM": chromium,
                           "RUNBOOKS": str(len(written)), "PLAN": PLAN, "PICTURES": pictures}
            run = subprocess.run(["node", "--test", "--test-reporter=spec", HERE / "site_test.mjs"],
                                 env=environment, stdin=subprocess.DEVNULL)
        finally:
            server.kill()
        if Path(folder, "site").exists() and contents(site) != files:
            failures.append("--serve wrote files")
    if run.returncode:
        failures.append("site_test.mjs")
    conclude(failures)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(files):
    size = sum(map(len, files.values()))
    groups = {"pages": r".*\.html", "runbooks for filling": r"markdown/.*", "search": r"assets/(facts|passages)\.js",
              "filling": r"assets/fill.*"}
    parts = [f"{name} {sum(len(text) for path, text in files.items() if re.fullmatch(pattern, path)) / 1e6:.1f} MB"
             for name, pattern in groups.items()]
    print(f"the site: {len(files)} files, {size / 1e6:.1f} MB ({', '.join(parts)})", flush=True)


if __name__ == "__main__":
    main()
