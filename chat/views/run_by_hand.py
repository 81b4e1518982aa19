"""Running an app by hand: its inputs, what would happen, and then the run (APP-04, TRG-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps_engine.services.apps import get_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import InputsRefused
from apps_engine.services.presentation import app_in_full
from apps_engine.services.runs import run_app
from chat.facts import facts_of
from chat.input_form import chosen, faults_by_name, fields_of, shown_defaults
from chat.rehearsal_words import rehearsal_of
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.errors import PlatformError


@require_http_methods(["GET", "HEAD", "POST"])
@page_for()
def run_by_hand(request: TeamRequest, app_id: int) -> HttpResponse:
    """The form of an app's inputs; its buttons show what a run would do now, or start one."""
    principal = request.principal
    full = app_in_full(get_app(principal, app_id))
    schema = full["definition"].get("inputs") or {}
    if request.method != "POST":
        return _page(request, full, shown_defaults(schema))
    inputs = chosen(schema, request.POST)
    try:
        if request.POST.get("deed") == "try":
            tried = dry_run(principal, app_id, inputs=inputs, by_hand=True)
            return _page(request, full, inputs, rehearsal=rehearsal_of(tried))
        run = run_app(principal, app_id, inputs)
    except InputsRefused as refused:
        return _page(request, full, inputs, refused=refused, status=refused.status)
    except PlatformError as error:
        return _page(request, full, inputs, error=error, status=error.status)
    return HttpResponseRedirect(f"{reverse('run', args=[run.pk])}?done=run-started")


def _page(
    request: TeamRequest,
    full: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    refused: InputsRefused | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    schema = full["definition"].get("inputs") or {}
    problems = refused.problems if refused else ()
    context = {
        "app": full,
        "fields": fields_of(schema, values, problems),
        "faults": faults_by_name(schema, problems),
        "facts": facts_of(full["report"], full["definition"]),
        "may_run": request.principal.may("apps:run"),
        **more,
    }
    return show(request, "chat/run_by_hand.html", context, section="apps", status=status)
