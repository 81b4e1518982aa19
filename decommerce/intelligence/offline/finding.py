"""What a heuristic found."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """A score from 0 to 1, a label, and why, in plain words."""

    score: Decimal
    label: str
    reasons: tuple[str, ...] = ()
