"""Time for a run."""

from __future__ import annotations

import time
from datetime import datetime

from django.utils import timezone


class SystemClock:
    """The system's clock; `elapsed` is monotonic, so a clock that jumps moves no deadline."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return timezone.now()

    def elapsed(self) -> float:
        return time.monotonic() - self._began
