"""A place where an action waits until the test lets it go on: two files that both sides know.

A gate that the test never closed holds nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.waiting import until


@dataclass(frozen=True)
class Gate:
    """`path` is the name that the definition carries."""

    path: str

    def close(self) -> None:
        Path(self.path).touch()

    def open(self) -> None:
        Path(self.path).unlink(missing_ok=True)

    def reached(self) -> bool:
        """Whether somebody has come here while it was closed."""
        return self._mark.exists()

    def pass_through(self) -> None:
        """Called by the action: wait while the gate is closed."""
        if Path(self.path).exists():
            self._mark.touch()
            until(lambda: not Path(self.path).exists(), f"the gate {self.path} opens", 120)

    @property
    def _mark(self) -> Path:
        return Path(f"{self.path}.reached")
