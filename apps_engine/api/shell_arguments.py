"""The arguments of the verbs of `manage.py app`, by the name under which a verb asks for them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from apps_engine.services.backtests import MOST_DAYS, USUAL_DAYS
from apps_engine.services.replays import MOST_PER_MINUTE
from apps_engine.services.settling import SETTLEMENTS
from apps_engine.store.models import Execution

# How each argument is declared to argparse.
ARGUMENTS: Mapping[str, Callable[[ArgumentParser], Any]] = {
    "file": lambda parser: parser.add_argument("file", help="a definition as JSON; - reads standard input"),
    "name": lambda parser: parser.add_argument("name", help="the app's name or number"),
    "tenant": lambda parser: parser.add_argument("--tenant", required=True, help="the tenant's short name"),
    "any file": lambda parser: parser.add_argument("file", nargs="?", help="a definition as JSON; - is standard input"),
    "starter": lambda parser: parser.add_argument("--starter", metavar="SLUG", help="a ready-made app instead"),
    "set": lambda parser: parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="a parameter of the ready-made app; repeatable"
    ),
    "as": lambda parser: parser.add_argument("--as", metavar="NAME", help="what the new app is called"),
    "words": lambda parser: parser.add_argument("words", nargs="*", help="what it should do, in your words"),
    "any tenant": lambda parser: parser.add_argument("--tenant", help="check with this tenant's settings"),
    "inputs": lambda parser: parser.add_argument("--inputs", metavar="JSON", help="the run's inputs, a JSON object"),
    "event": lambda parser: parser.add_argument("--event", metavar="JSON", help="the data of the event that starts it"),
    "days": lambda parser: parser.add_argument(
        "--days", type=_days, default=USUAL_DAYS, help=f"how far back, at most {MOST_DAYS}"
    ),
    "limit": lambda parser: parser.add_argument("--limit", type=int, default=20, help="how many at most"),
    "preview": lambda parser: parser.add_argument("--preview", action="store_true", help="only show what would change"),
    "allow": lambda parser: parser.add_argument(
        "--allow",
        metavar="NAME=AMOUNT",
        action="append",
        default=[],
        help="let the tenant use so much; `default` takes it back; repeatable",
    ),
    "wait": lambda parser: parser.add_argument("--wait", action="store_true", help="until a worker has finished it"),
    "timeout": lambda parser: parser.add_argument("--timeout", type=float, default=330.0, help="seconds to wait"),
    "run": lambda parser: parser.add_argument("run", type=int, help="the run's number"),
    "state": lambda parser: parser.add_argument(
        "--state", choices=Execution.State.values, action="append", default=[], help="only such runs; repeatable"
    ),
    "error": lambda parser: parser.add_argument("--error", metavar="CODE", default="", help="only with this error"),
    "since": lambda parser: parser.add_argument("--since", type=_instant, metavar="TIME", help="made then or later"),
    "until": lambda parser: parser.add_argument("--until", type=_instant, metavar="TIME", help="made before"),
    "again": lambda parser: parser.add_argument(
        "--again", action="store_true", help="anew with the newest version, instead of from the failed step"
    ),
    "per minute": lambda parser: parser.add_argument(
        "--per-minute", type=_rate, default=60, help=f"how many, at most {MOST_PER_MINUTE:,}"
    ),
    "after": lambda parser: parser.add_argument(
        "--after", type=int, default=0, help="the `last` of the answer before, where more are `left`"
    ),
    "type": lambda parser: parser.add_argument("--type", default="", help="only events of this type"),
    "event number": lambda parser: parser.add_argument("event", type=int, help="the event's number, see events"),
    "event id": lambda parser: parser.add_argument("--event", dest="event_id", metavar="ID", help="only of this event"),
    "verb begins": lambda parser: parser.add_argument(
        "--verb", dest="verb_begins", default="", help="only such deeds: app.paused, or app. for all of apps"
    ),
    "target": lambda parser: parser.add_argument("--target", default="", help="only on this, such as app:12"),
    "call": lambda parser: parser.add_argument("call", type=int, help="the call's number, see calls"),
    "outcome": lambda parser: parser.add_argument("outcome", choices=SETTLEMENTS, help="what became of it"),
    "trigger": lambda parser: parser.add_argument("trigger", help="the trigger's id"),
    "secret": lambda parser: parser.add_argument(
        "--secret", default="", help="the one that the sender has; one is made up otherwise"
    ),
    "end old": lambda parser: parser.add_argument(
        "--end-old", action="store_true", help="believe the one before no longer, instead of for another day"
    ),
    "result": lambda parser: parser.add_argument(
        "--result", metavar="JSON", help="what later steps see of a call that was done"
    ),
}


def declare(parser: ArgumentParser, names: Sequence[str]) -> None:
    """Declare the arguments of these names."""
    for name in names:
        ARGUMENTS[name](parser)


def _instant(text: str) -> datetime:
    """A time as RFC 3339 writes it; without a zone it is UTC."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(text)
    return days


def _rate(text: str) -> int:
    rate = int(text)
    if not 1 <= rate <= MOST_PER_MINUTE:
        raise ValueError(text)
    return rate
