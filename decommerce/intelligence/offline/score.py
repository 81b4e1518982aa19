"""Scores from 0 to 1 as exact decimals of two places, so that a result is the same everywhere."""

from __future__ import annotations

from decimal import Decimal


def score(value: float) -> Decimal:
    """The value within 0 and 1."""
    return Decimal(round(min(max(value, 0.0), 1.0) * 100)) / 100
