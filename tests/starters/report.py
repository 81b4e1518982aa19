"""The list of all ready-made apps with what each did, made by the test run: `build/starters-report.md`.

Every test process notes lines in a file of its own; the process that started them puts the files together.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from pathlib import Path

from apps_engine.starters import CATEGORIES, STARTERS

FOLDER = Path(__file__).resolve().parents[2] / "build"
NOTES = FOLDER / "starters"
REPORT = FOLDER / "starters-report.md"


def note(slug: str, line: str) -> None:
    """Keep a line about what a starter did."""
    NOTES.mkdir(parents=True, exist_ok=True)
    with (NOTES / f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps([slug, line]) + "\n")


def document(lines: dict[str, list[str]]) -> str:
    """The list for people; a starter without a line did not play in this run."""
    parts = ["# What the ready-made apps did on the imported community\n"]
    played = sum(slug in lines for slug in STARTERS)
    parts.append(f"{played} of {len(STARTERS)} apps played in this test run.\n")
    for category, heading in CATEGORIES.items():
        starters = [starter for starter in STARTERS.values() if starter.category == category]
        if starters:
            parts.append(f"## {heading}\n")
        for starter in starters:
            told = lines.get(starter.slug) or ["did not play in this run"]
            parts.append("\n".join([f"- **{starter.name}**", *(f"  - {line}" for line in told)]))
        if starters:
            parts.append("")
    return "\n".join(parts)


def pytest_sessionstart(session) -> None:
    """Forget the notes of the run before."""
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(NOTES, ignore_errors=True)


def pytest_terminal_summary(terminalreporter) -> None:
    """Write the report, where a starter played."""
    lines: dict[str, list[str]] = defaultdict(list)
    for file in sorted(NOTES.glob("*.jsonl")):
        for slug, line in map(json.loads, file.read_text().splitlines()):
            lines[slug].append(line)
    if lines:
        REPORT.write_text(document(lines))
        terminalreporter.write_line(f"What the ready-made apps did: {REPORT}")
