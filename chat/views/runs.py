"""One run, step by step."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_engine.services.runs import FINAL, cancel_run, get_run
from chat.run_story import story_of, trigger_title
from chat.views.access import TeamRequest, page_for
from chat.views.page import show


@require_safe
@page_for()
def run(request: TeamRequest, run_id: int) -> HttpResponse:
    """The run's page; it refreshes itself until the run is over."""
    return show(request, "chat/run.html", _context(request, run_id), section="apps")


@require_safe
@page_for()
def run_now(request: TeamRequest, run_id: int) -> HttpResponse:
    """The part of the page that changes while the run goes on."""
    return render(request, "chat/run_now.html", _context(request, run_id))


@require_POST
@page_for()
def run_cancel(request: TeamRequest, run_id: int) -> HttpResponse:
    """Stop the run before its next step."""
    cancel_run(request.principal, run_id)
    return HttpResponseRedirect(f"{reverse('run', args=[run_id])}?done=run-cancelled")


def _context(request: TeamRequest, run_id: int) -> dict[str, Any]:
    execution = get_run(request.principal, run_id)
    return {
        "run": execution,
        "story": story_of(execution),
        "trigger_title": trigger_title(execution),
        "final": execution.state in FINAL,
        "may_run": request.principal.may("apps:run"),
    }
