"""Draws Mermaid diagrams with the mermaid package in headless Chromium."""

import json
import re
import subprocess
import tempfile
from html import unescape
from pathlib import Path

CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--allow-file-access-from-files", "--virtual-time-budget=20000"]
PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><script src="{script}"></script></head>
<body><pre id="answer"></pre><script>
(async () => {{
  mermaid.initialize({{ startOnLoad: false, securityLevel: "strict" }});
  const answers = [];
  for (const [number, text] of {diagrams}.entries()) {{
    try {{
      const {{ svg }} = await mermaid.render("diagram" + number, text);
      answers.push({{ nodes: (svg.match(/class="[^"]*\\bnode\\b/g) || []).length }});
    }} catch (error) {{
      answers.push({{ error: String(error && error.message || error) }});
    }}
  }}
  document.getElementById("answer").textContent = JSON.stringify(answers);
}})();
</script></body></html>"""


def draw(diagrams, chromium, package):
    """For each diagram the number of nodes drawn, or the error that mermaid gives.

    `package` is the folder of the npm package.
    """
    script = Path(package, "dist", "mermaid.min.js").resolve()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        text = json.dumps(diagrams).replace("</", "<\\/")
        page.write_text(PAGE.format(script=script.as_uri(), diagrams=text), "utf-8")
        command = [chromium, *CHROMIUM, f"--user-data-dir={folder}/profile", "--dump-dom", page.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    answer = re.search(r'<pre id="answer">(.*?)</pre>', run.stdout, re.DOTALL)
    if not answer or not answer[1]:
        raise RuntimeError(f"Chromium gave no answer: {run.stderr[-500:]}")
    return json.loads(unescape(answer[1]))
