"""The runs of one app or of all, newest first; those that failed or wait by the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps_engine.services.apps import get_app
from apps_engine.services.overview import WAITING
from apps_engine.services.retries import RETRYABLE
from apps_engine.services.runs import EVERY_RUN, list_runs
from apps_engine.store.models import Execution
from chat.views.access import TeamRequest, page_for
from chat.views.page import show

SHOWN = 50
KINDS: Mapping[str, tuple[str, Sequence[str]]] = {
    "": ("All", ()),
    "failed": ("Failed", RETRYABLE),
    "dead": ("Given up", (Execution.State.DEAD,)),
    "waiting": ("Under way or waiting", WAITING),
    "succeeded": ("Succeeded", (Execution.State.SUCCEEDED,)),
}


@require_safe
@page_for()
def runs(request: TeamRequest) -> HttpResponse:
    """A page of runs, of the app of that number if there is one; `before` is the last one of the page before."""
    state = request.GET.get("state", "")
    state = state if state in KINDS else ""
    before = request.GET.get("before", "")
    wanted = request.GET.get("app", "")
    app = get_app(request.principal, int(wanted)) if _is_number(wanted) else None
    which = replace(EVERY_RUN, states=KINDS[state][1], before=int(before) if _is_number(before) else None)
    found = list(list_runs(request.principal, app.pk if app else None, limit=SHOWN + 1, which=which))
    context = {
        "app": app,
        "runs": found[:SHOWN],
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "kinds": [(key, label) for key, (label, _) in KINDS.items()],
        "state": state,
    }
    return show(request, "chat/runs.html", context, section="runs")


def _is_number(written: str) -> bool:
    return written.isdecimal() and len(written) < 19
