#!/usr/bin/env python3
"""Proves that the real mermaid package draws every diagram of every runbook, in Chromium."""

from common import conclude, node_tool, program
from fences import builtin_runbooks, by_text
from mermaid_render import draw


def main():
    package = node_tool("mermaid").parent.parent / "mermaid"
    runbooks = builtin_runbooks()
    diagrams = by_text(runbooks, "mermaid")
    if not diagrams:
        conclude(["no runbook has a diagram"])
    drawn = draw(list(diagrams), program("chromium", "chromium-browser", "google-chrome"), package)
    failures = [f"{places[0]}: {answer.get('error', 'has no node')}"
                for places, answer in zip(diagrams.values(), drawn) if not answer.get("nodes")]
    print(f"{sum(map(len, diagrams.values()))} diagrams in {len(runbooks)} runbooks, {len(diagrams)} "
          f"different ones, {sum(answer.get('nodes', 0) for answer in drawn)} nodes: {len(failures)} faults")
    conclude(failures)


if __name__ == "__main__":
    main()
