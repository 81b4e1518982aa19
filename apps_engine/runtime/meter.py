"""Counts what a run uses and stops it at the limits bound into its plan (RUN-02)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from apps_engine.language.plan import Limits
from apps_engine.runtime.errors import DeadlineReached, JournalFull, LimitReached

# Characters of all that the steps of a run saw and made; each alone is bounded too (`size.bounded`).
MOST_JOURNAL = 67_108_864


class Meter:
    """`usage` is kept with the execution, so that a resumed run goes on counting."""

    def __init__(self, limits: Limits, usage: dict[str, int]) -> None:
        self.limits = limits
        self.usage = usage
        self._allowed = {"email": limits.emails, "ai": limits.ai_calls, "message": limits.messages}

    def spend(self, resource: str | None, amount: int) -> None:
        """Count `amount` of a resource; raises LimitReached before the limit would be passed."""
        if resource is None or amount == 0:
            return
        allowed = self._allowed.get(resource)
        used = self.usage.get(resource, 0)
        if allowed is not None and used + amount > allowed:
            raise LimitReached(
                f"This run has used {used} of the {allowed} {resource} calls it may make.",
                code=f"limit_{resource}",
                hint="Split the work over several runs, or narrow what it loops over.",
            )
        self.usage[resource] = used + amount

    def left(self, resource: str | None) -> int | None:
        """How much of a resource may still be used; None where nothing bounds it."""
        allowed = None if resource is None else self._allowed.get(resource)
        return None if allowed is None or resource is None else max(allowed - self.usage.get(resource, 0), 0)

    @contextmanager
    def provisional(self) -> Iterator[None]:
        """What is counted inside is not counted when it fails: its effects were undone too."""
        before = dict(self.usage)
        try:
            yield
        except BaseException:
            self.usage.clear()
            self.usage.update(before)
            raise

    def check_journal(self, characters: int) -> None:
        """Raise JournalFull once the journal of the run holds as much as it may."""
        if characters > MOST_JOURNAL:
            raise JournalFull(
                f"What the steps of this run saw and made has more than {MOST_JOURNAL // 1_048_576} MiB in all.",
                hint="Fetch fewer rows or fields, or split the work over several runs.",
            )

    def check_deadline(self, elapsed: float) -> None:
        """Raise DeadlineReached once the attempt has run for its whole time."""
        if elapsed > self.limits.seconds:
            raise DeadlineReached(
                f"The run was stopped after {self.limits.seconds} seconds, the longest a run may take.",
                hint="What was done stays done; narrow the run, or split it.",
            )
