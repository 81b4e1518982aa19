"""What an app would have done on the events that were recorded: how often, and what (RUN-14).

Counted is on the events as they arrived; rehearsed is on the data of today, the newest of them, each by itself.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps_engine.language.errors import LanguageError
from apps_engine.language.inputs import input_defaults
from apps_engine.language.instants import format_instant
from apps_engine.runtime.run import Outcome, described
from apps_engine.services.definitions import Source
from apps_engine.services.dry_run import MOST_SECONDS, DryRun, Subject, place_to_rehearse, rehearse, subject_of
from apps_engine.services.engine.rehearsal import Rehearsed
from apps_engine.services.enqueue import Start
from apps_engine.services.errors import NothingRecorded
from apps_engine.services.firings import MOST_KEPT, Cause, Firings, Period, firings_of
from apps_engine.store.models import EventInbox
from decommerce.tenancy.principal import Principal

USUAL_DAYS, MOST_DAYS = 7, 31
# The rest of the time is for rehearsals.
SHARE_TO_COUNT = 0.4
MOST_REHEARSED = MOST_KEPT
MOST_EFFECTS = 50
FAILED = "failed"
NOTE = (
    "This was a test: nothing was written and nothing was sent. Events are counted as they arrived. Runs are rehearsed "
    "on the data of today, each by itself: what an earlier one would have changed, overlaps and quotas are left out."
)


@dataclass(slots=True)
class Failure:
    """An error that rehearsals ended with: how many, and the event of the newest."""

    error: Mapping[str, Any]
    event: int | None
    count: int = 0


@dataclass(slots=True)
class Tally:
    """What rehearsals came to. `stopped_by` says what ended them before all were rehearsed: `time` or `number`."""

    matching: int = 0
    rehearsed: int = 0
    stopped_by: str | None = None
    states: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, Failure] = field(default_factory=dict)
    effects: list[Rehearsed] = field(default_factory=list)

    def add(self, cause: Cause, tried: DryRun, outcome: Outcome) -> None:
        """One more rehearsal."""
        self.rehearsed += 1
        self.states[outcome.status] += 1
        self.counts.update(tried.counts)
        self.effects += tried.effects[: MOST_EFFECTS - len(self.effects)]
        if outcome.status == FAILED and outcome.fault is not None:
            code = outcome.fault["code"]
            self.failures.setdefault(code, Failure(outcome.fault, cause.event)).count += 1

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "matching": self.matching,
            "rehearsed": self.rehearsed,
            "stopped_by": self.stopped_by,
            "states": dict(self.states),
            "counts": dict(self.counts),
            "failures": [
                {"code": code, "count": one.count, "event": one.event, "error": dict(one.error)}
                for code, one in self.failures.items()
            ],
            "effects": [asdict(effect) for effect in self.effects],
        }


@dataclass(frozen=True, slots=True)
class Backtest:
    """How often each trigger would have started the app since then, and what the newest of those runs would have done.

    `kept_days` is for how long events are kept, None for ever: before that nothing is known.
    """

    since: datetime
    until: datetime
    kept_days: int | None
    triggers: Sequence[Firings]
    tally: Tally

    @property
    def started(self) -> int:
        """How many events, and times of schedules, would have started it."""
        return sum(found.started for found in self.triggers)

    def as_dict(self) -> dict[str, Any]:
        """The backtest as JSON, plainly marked as a test."""
        return {
            "test": True,
            "note": NOTE,
            "since": format_instant(self.since),
            "until": format_instant(self.until),
            "kept_days": self.kept_days,
            "started": self.started,
            "triggers": [found.as_dict() for found in self.triggers],
            "rehearsals": self.tally.as_dict(),
        }


def backtest(
    principal: Principal,
    source: Source | int,
    *,
    days: int = USUAL_DAYS,
    most_rehearsed: int = MOST_REHEARSED,
    most_seconds: float = MOST_SECONDS,
) -> Backtest:
    """Backtest a definition, or the stored app of that number, on the last `days`; changes nothing.

    Raises DefinitionRefused, NothingRecorded where only people start it, and TooManyRehearsals where others of the
    community are at it. Needs the tenant's scope.
    """
    principal.require("apps:read")
    principal.require("data:read")
    subject = subject_of(principal, source)
    began, now, kept = time.monotonic(), timezone.now(), kept_days()
    since = now - timedelta(days=min(days, MOST_DAYS, kept or MOST_DAYS))
    period = Period(since, now, began + most_seconds * SHARE_TO_COUNT)
    found = [firings_of(subject.app, subject.plan, trigger, period) for trigger in subject.plan.triggers]
    if all(one.no_past for one in found):
        raise NothingRecorded(found[0].no_past, hint="Try it with a dry run instead.")
    causes = sorted((cause for one in found for cause in one.latest), key=lambda cause: cause.at, reverse=True)
    tally = Tally(sum(one.runs for one in found))
    if causes and most_rehearsed:
        _rehearse_all(principal, subject, causes[:most_rehearsed], tally, began + most_seconds)
    return Backtest(since, now, kept, found, tally)


def kept_days() -> int | None:
    """For how many days events are kept, None for ever."""
    (rule,) = EventInbox.retention
    return rule.days or None


def _rehearse_all(principal: Principal, subject: Subject, causes: Iterable[Cause], tally: Tally, ends: float) -> None:
    with place_to_rehearse():
        for cause in causes:
            left = int(ends - time.monotonic())
            if left < 1:
                tally.stopped_by = "time"
                return
            tried, outcome = rehearse_start(principal, subject.within(left), cause.start)
            # Its time was what was left of ours, which says nothing of the app.
            if outcome.status == FAILED and time.monotonic() >= ends - 1:
                tally.stopped_by = "time"
                return
            tally.add(cause, tried, outcome)
    tally.stopped_by = "number" if tally.rehearsed < tally.matching else None


def rehearse_start(principal: Principal, subject: Subject, start: Start) -> tuple[DryRun, Outcome]:
    """What a start would have come to, undone at once. Needs a place among the rehearsals."""
    inputs = input_defaults(subject.plan.inputs)
    with transaction.atomic():
        try:
            tried = rehearse(principal, subject, start.trigger, start.data, inputs, is_due=True)
        except LanguageError as error:
            tried = DryRun(True, start.data, None, Outcome(FAILED, error=described(error), path=start.trigger.flow))
        transaction.set_rollback(True)
    assert tried.outcome is not None
    return tried, tried.outcome
