"""The events that arrived: who listened, and why not (TRG-11)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps_engine.language import jsontext
from apps_engine.registry import registry
from apps_engine.services.events import EventFilter, get_event, list_events, runs_started_by, stuck_events
from apps_engine.services.verdicts import Verdict, listeners_of
from apps_engine.store.models import Execution
from chat.decision_words import reason_in_words
from chat.views.access import TeamRequest, page_for
from chat.views.page import show

SHOWN = 50
LONGEST = 200
STANDINGS = {"ran": "Ran", "waiting": "Waiting", "cancelled": "Cancelled"}


@require_safe
@page_for("data:read")
def events(request: TeamRequest) -> HttpResponse:
    """A page of events, newest first, with the runs that each started; `before` is the last one of the page before."""
    kind = request.GET.get("type", "").replace("\x00", "").strip()[:LONGEST]
    before = request.GET.get("before", "")
    cursor = int(before) if before.isdecimal() and len(before) < 19 else None
    found = list_events(request.principal, EventFilter(type=kind), limit=SHOWN + 1, cursor=cursor)
    shown = found[:SHOWN]
    started = runs_started_by(shown)
    context = {
        "rows": [(event, started.get(event.pk, ())) for event in shown],
        "stuck": stuck_events(request.principal) if cursor is None else (),
        "older": shown[-1].pk if len(found) > SHOWN else None,
        "type": kind,
        "types": sorted(registry.events),
    }
    return show(request, "chat/events.html", context, section="events")


@require_safe
@page_for("data:read")
def event(request: TeamRequest, number: int) -> HttpResponse:
    """One event with its data, and what became of it for every app that listens to its type; first for `app`."""
    asked = request.GET.get("app", "")
    app_id = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    found = get_event(request.principal, number)
    heard = [
        {"app": one.app, "verdict": one.verdict, "words": _words(one.verdict), "standing": _standing(one.verdict)}
        for one in listeners_of(request.principal, number, app_id)
    ]
    heard.sort(key=lambda one: (one["app"].pk != app_id, one["verdict"]["outcome"] not in STANDINGS))
    context = {"event": found, "heard": heard, "data": jsontext.dumps(found.data, indent=2)}
    return show(request, "chat/event.html", context, section="events")


def _standing(verdict: Verdict) -> str:
    """Whether it ran, in a word; of runs that were planned it may be that none began, and none will."""
    if verdict["outcome"] not in STANDINGS:
        return "Did not run"
    states = {run["state"] for run in verdict["runs"]} - {Execution.State.SKIPPED}
    if states <= {Execution.State.QUEUED, Execution.State.PAUSED}:
        return "Waiting"
    return "Cancelled" if states == {Execution.State.CANCELLED} else STANDINGS[verdict["outcome"]]


def _words(verdict: Verdict) -> str:
    """Why it did not run; of a filter the sentence is made of the clause that failed."""
    clause = verdict.get("clause")
    return reason_in_words(verdict["outcome"], {**verdict, **(clause if isinstance(clause, dict) else {})})
