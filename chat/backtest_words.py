"""A backtest in words: how often, why not, and what of it (RUN-14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.services.backtests import Backtest, Tally
from apps_engine.services.firings import Firings
from apps_engine.services.webhook_addresses import EVENT_TYPE
from apps_engine.services.webhook_addresses import TYPE as WEBHOOK
from chat.decision_words import reason_in_words
from chat.rehearsal_words import deeds_of

PASTLESS = frozenset({"manual", "keyword", "phrase", "intent"})


def has_past(definition: Mapping[str, Any]) -> bool:
    """Whether anything but people starts the app."""
    return any(trigger["type"] not in PASTLESS for trigger in definition["triggers"])


def backtest_in_words(found: Backtest) -> Mapping[str, Any]:
    """What the page of a backtest shows. One query."""
    return {
        "since": found.since,
        "started": found.started,
        "events": sum(one.events for one in found.triggers),
        "triggers": [_trigger(one) for one in found.triggers],
        "rehearsed": _rehearsed(found.tally),
        "deeds": deeds_of(found.tally),
        "failures": [
            {"message": one.error["message"], "hint": one.error.get("hint"), "count": one.count, "event": one.event}
            for one in found.tally.failures.values()
        ],
        "ran": found.tally.rehearsed,
    }


def counted(found: Firings) -> str:
    """How often, as one sentence."""
    if found.no_past:
        return found.no_past
    if found.trigger.cron is not None:
        return f"Its schedule came {_times(found.started)}."
    what = EVENT_TYPE if found.trigger.type == WEBHOOK else found.trigger.event
    if not found.events:
        return f"No `{what}` was recorded."
    runs = f", with {found.runs:,} runs in all" if found.runs > found.started else ""
    return f"{found.started:,} of {found.events:,} `{what}` would have started it{runs}."


def _trigger(found: Firings) -> Mapping[str, Any]:
    reasons = sorted(found.kept_out.values(), key=lambda reason: -reason.count)
    return {
        "words": counted(found),
        "cut": found.since if found.cut else None,
        "oldest": found.oldest if found.oldest and found.oldest > found.since else None,
        "reasons": [
            {"words": reason_in_words(one.outcome, one.details), "count": one.count, "event": one.event}
            for one in reasons
        ],
    }


def _rehearsed(tally: Tally) -> str:
    """How many of the runs were tried, and why not the others."""
    return " ".join(_told(tally))


def _told(tally: Tally) -> Iterator[str]:
    if not tally.matching:
        return
    if tally.rehearsed == tally.matching:
        yield "It was tried." if tally.matching == 1 else f"All {tally.matching:,} were tried."
    elif not tally.rehearsed:
        yield f"None of {tally.matching:,} could be tried to its end in the time that there is."
    else:
        newest = "The newest" if tally.rehearsed == 1 else f"The newest {tally.rehearsed:,}"
        why = ", as long as there was time" if tally.stopped_by == "time" else ""
        yield f"{newest} of {tally.matching:,} {'was' if tally.rehearsed == 1 else 'were'} tried{why}."
    if tally.states["skipped"]:
        yield f"{tally.states['skipped']:,} would have done nothing: their condition does not hold."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
