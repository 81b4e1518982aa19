"""One run, step by step, and what a person may do about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_engine.language.jsontext import JsonTextError, loads
from apps_engine.services.decisions import quota_met
from apps_engine.services.retries import RETRYABLE, can_run_again, retry_run, run_again
from apps_engine.services.runs import FINAL, cancel_run, get_run
from apps_engine.services.settling import SETTLEMENTS, in_doubt, settle_effect
from apps_engine.services.withheld import bare, why_withheld
from apps_engine.store.models import App, Execution
from chat.answer import answer_of
from chat.run_story import story_of, trigger_title
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.errors import NotFound


@require_safe
@page_for()
def run(request: TeamRequest, run_id: int) -> HttpResponse:
    """The run's page; it refreshes itself until the run is over."""
    return show(request, "chat/run.html", run_context(request, run_id), section="apps")


@require_safe
@page_for()
def run_now(request: TeamRequest, run_id: int) -> HttpResponse:
    """The part of the page that changes while the run goes on."""
    return render(request, "chat/run_now.html", run_context(request, run_id))


@require_POST
@page_for()
def run_cancel(request: TeamRequest, run_id: int) -> HttpResponse:
    """Stop the run before its next step."""
    cancel_run(request.principal, run_id)
    return HttpResponseRedirect(f"{reverse('run', args=[run_id])}?done=run-cancelled")


@require_POST
@page_for()
def run_retry(request: TeamRequest, run_id: int) -> HttpResponse:
    """Go on where the run failed."""
    retry_run(request.principal, run_id)
    return HttpResponseRedirect(f"{reverse('run', args=[run_id])}?done=run-retried")


@require_POST
@page_for()
def run_once_more(request: TeamRequest, run_id: int) -> HttpResponse:
    """A new run of the same, with the newest version."""
    new = run_again(request.principal, run_id)
    return HttpResponseRedirect(f"{reverse('run', args=[new.pk])}?done=run-started")


@require_POST
@page_for()
def run_settle(request: TeamRequest, run_id: int, effect_id: int, outcome: str) -> HttpResponse:
    """Say what became of a call outside of which nobody heard."""
    settlement = next((known for known in SETTLEMENTS if known == outcome), None)
    if settlement is None:
        raise NotFound("There is no such button.", hint="Go back to the run.")
    written = request.POST.get("result", "")
    try:
        result = _answer_in(written) if settlement == "done" else {}
    except JsonTextError as error:
        refused = {"effect": effect_id, "written": written, "fault": f"{error.message} {error.hint}"}
        context = {**run_context(request, run_id), "refused": refused}
        return show(request, "chat/run.html", context, section="apps", status=422)
    settle_effect(request.principal, run_id, effect_id, settlement, result)
    return HttpResponseRedirect(f"{reverse('run', args=[run_id])}?done=settled")


def _answer_in(written: str) -> dict[str, Any]:
    """What later steps are to see of a call, nothing of it where nothing is written; raises JsonTextError."""
    answer = loads(written) if written.strip() else {}
    if not isinstance(answer, dict):
        hint = 'Put it into an object, under the name that the steps read: `{"id": 17}`.'
        raise JsonTextError("not_an_object", "This is JSON, but no object.", hint)
    return answer


def run_context(request: TeamRequest, run_id: int) -> dict[str, Any]:
    """What the page of a run shows. Needs the tenant's scope."""
    execution = get_run(request.principal, run_id)
    may_run_again = can_run_again(execution)
    withheld = why_withheld(request.principal, execution)
    if withheld:
        execution = bare(execution, withheld)
    met_quota = quota_met(execution)
    waits = execution.state == Execution.State.QUEUED
    # What it waited for is over once it is at work again, or was cancelled.
    is_told = not met_quota or waits or execution.state in RETRYABLE
    return {
        "run": execution,
        "error": execution.error if is_told else None,
        "met_quota": met_quota,
        "waits_at_quota": met_quota and waits,
        "withheld": withheld,
        "story": story_of(execution),
        "trigger_title": trigger_title(execution),
        "doubts": in_doubt(execution),
        "answer": answer_of(execution.result),
        "final": execution.state in FINAL,
        "may_run": request.principal.may("apps:run"),
        "may_allow": request.principal.may("admin"),
        "may_retry": execution.state in RETRYABLE and execution.app.status != App.Status.DELETED,
        "may_run_again": may_run_again,
    }
