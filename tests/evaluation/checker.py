"""Whether what came of a request is right: each fault is one sentence, and none means right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps_engine.services.definitions import check
from apps_engine.services.dry_run import dry_run
from decommerce.community.models import Room
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal
from tests.evaluation.case import Case, Wanted

DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# What an answer has to say of a limit: its reason, or what to do instead.
LIMITS: Mapping[str, str] = {
    "custom_ui": r"page|button|widget|what people see",
    "tables": r"table|column|field of its own",
    "external_service": r"webhook",
    "files": r"file|image|PDF",
    "real_time": r"real.time|live",
    "approval": r"approv|confirm",
    "other_apps": r"event|one app|combine",
    "rollback": r"undone|undo|taken back",
    "interval": r"minute",
    "single_timezone": r"time zone",
    "business_days": r"holiday|weekday",
    "code": r"code|script|SQL",
    "other_tenants": r"other communit|own community",
    "history": r"today|now|past",
    "internal_network": r"internal|private|public",
    "secrets": r"secret|key|password",
    "experiments": r"A/B|experiment|two apps",
}


def faults_of(
    case: Case, principal: Principal, definition: dict[str, Any] | None, texts: list[str], calls: list[str]
) -> list[str]:
    """What is wrong with what came of a case. Needs the tenant's scope."""
    return list(_faults(case, principal, definition, texts, calls))


def is_valid(principal: Principal, definition: Mapping[str, Any]) -> bool:
    """Whether the platform takes it."""
    return check(principal, dict(definition)).valid


def _faults(
    case: Case, principal: Principal, definition: dict[str, Any] | None, texts: list[str], calls: list[str]
) -> Iterator[str]:
    if case.calls_only is not None:
        yield from (f"it asked for {name}" for name in calls if name not in case.calls_only)
    if case.refuses:
        yield from _told(case.refuses, definition, texts)
    if case.warns and definition is not None and not check(principal, definition).problems:
        yield "nothing warns of it"
    if case.wants is None:
        return
    if definition is None:
        yield f"nothing was proposed; the last answer: {texts[-1][:120]!r}"
        return
    yield from _differences(case.wants, definition)
    yield from _rehearsed(principal, definition)


def _told(limits: tuple[str, ...], definition: Any, texts: list[str]) -> Iterator[str]:
    if definition is not None:
        yield "it proposed what cannot be"
    said = " ".join(texts)
    if not any(re.search(LIMITS[limit], said, re.IGNORECASE) for limit in limits):
        yield f"it did not say why: {said[:120]!r}"


def _differences(wants: Wanted, definition: dict[str, Any]) -> Iterator[str]:
    starts = list(_starts(definition))
    for wanted in wants.starts:
        if not any(_starts_so(start, option) for start in starts for option in wanted.split("|")):
            yield f"it starts with {starts}, not {wanted}"
    for kind, wanted_names in (("fetch", wants.reads), ("act", wants.acts)):
        used = {step[kind] for step in _steps(definition) if kind in step}
        for wanted in wanted_names:
            if not used & set(wanted.split("|")):
                yield f"no {kind} of {wanted}, only of {sorted(used)}"
    yield from _texts(wants, definition)


def _texts(wants: Wanted, definition: dict[str, Any]) -> Iterator[str]:
    written = json.dumps({**definition, "description": ""}, ensure_ascii=False, default=str)
    yield from (f"{text} is not in it" for text in wants.says if not _contains(written, text))
    yield from (f"{text} is in it" for text in wants.lacks if _contains(written, text))
    if wants.named and definition["name"] != wants.named:
        yield f"it is named {definition['name']}"
    if wants.room and not any(_names_room(definition, room) for room in Room.objects.filter(name=wants.room)):
        yield f"it does not name the room {wants.room}"


def _contains(written: str, text: str) -> bool:
    if text.isdigit():
        return bool(re.search(rf"(?<![\d.]){text}(?![\d])", written))
    return text in written


def _names_room(value: Any, room: Room) -> bool:
    if isinstance(value, dict):
        return any(
            ("room" in key and _holds(inner, room.pk)) or _names_room(inner, room) for key, inner in value.items()
        )
    return isinstance(value, list) and any(_names_room(inner, room) for inner in value)


def _holds(value: Any, number: int) -> bool:
    return value == number or (isinstance(value, dict) and number in value.get("in", ()))


def _starts(definition: dict[str, Any]) -> Iterator[str]:
    for trigger in definition["triggers"]:
        kind = trigger["type"]
        if kind == "scheduled":
            yield f"cron {_days_by_name(trigger['cron'])}"
        elif kind == "delayed":
            yield f"delayed {trigger['event']}"
        else:
            yield trigger.get("event", kind)


def _days_by_name(cron: str) -> str:
    *clock, days = cron.split()
    return " ".join([*clock, re.sub(r"\d", lambda found: DAYS[int(found[0]) % 7], days)])


def _starts_so(start: str, wanted: str) -> bool:
    tests: tuple[Callable[[], bool], ...] = (
        lambda: start in (wanted, f"cron {wanted}"),
        lambda: wanted == "cron" and start.startswith("cron "),
        lambda: wanted.startswith("cron ") and start.startswith("cron ") and wanted[5:] in start.split()[3:],
    )
    return any(test() for test in tests)


def _steps(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    yield from walk(definition["flows"])


def _rehearsed(principal: Principal, definition: dict[str, Any]) -> Iterator[str]:
    """Its effects on the community: nothing of it may fail."""
    try:
        tried = dry_run(principal, definition)
    except PlatformError as error:
        yield f"it cannot be rehearsed: {error.message}"
        return
    if tried.outcome is not None and tried.outcome.status not in {"succeeded", "skipped", "suspended"}:
        yield f"its rehearsal failed: {tried.outcome.fault}"
