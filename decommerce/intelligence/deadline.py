"""How long an answer may take, over all its attempts."""

from __future__ import annotations

import time

from decommerce.intelligence.errors import ModelTimedOut


class Deadline:
    """Begins with its making."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; raises ModelTimedOut where there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise ModelTimedOut(
                f"The AI model had no complete answer within {self.seconds:g} seconds.", hint="Try again in a moment."
            )
        return left
