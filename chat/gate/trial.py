"""A rehearsal of what is proposed, on the community's own data, for the card (CHT-05): nothing is written or sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps_engine.services.backtests import backtest
from apps_engine.services.errors import NothingRecorded
from apps_engine.services.starters import Rehearsal, rehearse_definition
from chat.backtest_words import counted
from chat.decision_words import reason_in_words
from chat.rehearsal_words import deeds_of
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal

# Somebody waits for the card; what takes longer is seen when it runs.
MOST_SECONDS = 5
MOST_SECONDS_BACK, DAYS_BACK = 2, 7
SHOWN = 3


def trial_of(principal: Principal, definition: dict[str, Any]) -> list[str]:
    """What would happen today, as lines; what keeps it from being tried is a line too. Needs the tenant's scope."""
    if not principal.may("data:read"):
        return []
    try:
        today = list(_told(rehearse_definition(principal, definition, most_seconds=MOST_SECONDS)))
        return [*today, *_before(principal, definition)]
    except PlatformError as error:
        return [f"It could not be tried: {error.message}"]


def _before(principal: Principal, definition: dict[str, Any]) -> Iterator[str]:
    """How often it would have started lately: of events that were recorded, and of schedules."""
    try:
        found = backtest(principal, definition, days=DAYS_BACK, most_rehearsed=0, most_seconds=MOST_SECONDS_BACK)
    except NothingRecorded:
        return
    for one in found.triggers:
        if one.events:
            yield f"In the last {DAYS_BACK} days: {counted(one)}{' There were more.' if one.cut else ''}"


def _told(rehearsal: Rehearsal) -> Iterator[str]:
    tried = rehearsal.tried
    example = rehearsal.event is not None and rehearsal.happened_at is None
    if tried.clause:
        yield f"Nothing: {reason_in_words('filtered', tried.clause)}"
        return
    if tried.outcome is not None and tried.outcome.error is not None:
        yield f"It would fail: {tried.outcome.error['message']}"
        return
    if example:
        yield "Tried with an example, since nothing like it has happened here yet."
    elif rehearsal.event is not None:
        yield "Tried with the latest time that it happened."
    deeds = deeds_of(tried, example=example)
    for deed in deeds:
        times = f"{deed.count} time{'' if deed.count == 1 else 's'}"
        first = "; ".join(deed.lines[:SHOWN])
        yield f"{deed.what}, {times}: {first}{' …' if deed.count > SHOWN else ''}"
    if not deeds:
        yield "Nothing, as things stand: nobody and nothing fits."
