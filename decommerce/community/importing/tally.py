"""Counting what an import did, and what it left out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from decommerce.community.upsert import Upserted

TAKEN = "the same already exists here"


@dataclass(slots=True)
class Tally:
    """The counts of one kind of row. `noun` is its plural for people; `skipped` counts by reason."""

    noun: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def skip(self, reason: str, count: int = 1) -> None:
        """Count rows that were left out."""
        self.skipped[reason] += count

    def add(self, result: Upserted[Any]) -> None:
        """Count what an upsert did."""
        self.created += len(result.created)
        self.updated += len(result.updated)
        self.unchanged += len(result.unchanged) + len(result.stale)
        if result.conflicting:
            self.skip(TAKEN, len(result.conflicting))

    def line(self) -> str:
        """The counts in words: "posts: 12 new, 0 changed, 3 as before; 1 left out: 1 without an author"."""
        text = f"{self.noun}: {self.created} new, {self.updated} changed, {self.unchanged} as before"
        if not self.skipped:
            return text
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.skipped.most_common())
        return f"{text}; {self.skipped.total()} left out: {reasons}"
