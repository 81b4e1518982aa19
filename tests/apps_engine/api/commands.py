"""`manage.py app`, run in this process."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.core.management import execute_from_command_line


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """Run `manage.py app` with these words, through its own entry point."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Ended:
        status = 0
        try:
            execute_from_command_line(["manage.py", "app", *words])
        except SystemExit as ended:
            status = int(ended.code or 0)
        captured = capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    return run


def complaint(result: Ended, status: int = 1) -> str:
    """The one line of a refusal."""
    assert result.returncode == status, result.stdout + result.stderr
    (line,) = result.stderr.strip().splitlines()
    return line
