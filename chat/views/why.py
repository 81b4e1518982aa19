"""From an app's page to what became of one event there (TRG-11)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps_engine.services.apps import get_app
from apps_engine.services.errors import EventNotFound
from apps_engine.services.events import find_event
from chat.views.access import TeamRequest, page_for
from chat.views.app import app_page

LONGEST = 200


@require_safe
@page_for("data:read")
def why(request: TeamRequest, app_id: int) -> HttpResponse:
    """Leads to the page of the event that was asked for by its id or number; without such an event back, saying so."""
    app = get_app(request.principal, app_id)
    asked = request.GET.get("event", "").replace("\x00", "").strip()[:LONGEST]
    try:
        found = find_event(asked)
    except EventNotFound as error:
        nothing = "Write the id of an event, or its number in the list of events."
        told = f"{error.message} {error.hint}" if asked else nothing
        return app_page(request, app_id, status=error.status, asked_event=asked, event_fault=told)
    return HttpResponseRedirect(f"{reverse('event', args=[found.pk])}?{urlencode({'app': app.pk})}")
