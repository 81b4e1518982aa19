"""How the parts of a running system are, as the system itself says."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from deploy.local.folder import DemoFolder

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30


def health_lines(folder: DemoFolder) -> list[str]:
    """A line for each part; one line that says so where nobody can tell."""
    settings = dict(line.split("=", 1) for line in shlex.split(folder.environment.read_text()) if "=" in line)
    try:
        told = subprocess.run(
            [sys.executable, "manage.py", "health"],
            cwd=PROJECT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return [f"  No part told how it is within {PATIENCE_SECONDS} seconds."]
    return [f"  {line}" for line in told.stdout.splitlines()] or ["  No part could be asked how it is."]
