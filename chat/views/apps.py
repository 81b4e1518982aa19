"""The list of apps."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps_engine.services.apps import list_apps
from apps_engine.services.overview import activity
from apps_engine.store.models import App
from chat.chart import sparkline_of
from chat.views.access import TeamRequest, page_for
from chat.views.page import show

LONGEST_SEARCH = 120
STATUSES = (
    ("", "Every status"),
    (App.Status.ACTIVE, "Active"),
    (App.Status.PAUSED, "Paused"),
    (App.Status.ERROR, "In error"),
    (App.Status.DELETED, "Deleted"),
)


@require_safe
@page_for()
def apps(request: TeamRequest) -> HttpResponse:
    """The tenant's apps with their status, their last run and their counts; searched and filtered by the address."""
    search = request.GET.get("search", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    wanted = request.GET.get("status", "")
    status = wanted if wanted in App.Status.values else ""
    found = list(list_apps(request.principal, status=status or None, search=search))
    sparks = {number: sparkline_of(days) for number, days in activity(request.principal).by_app.items()}
    context = {
        "apps": [(app, sparks.get(app.pk)) for app in found],
        "search": search,
        "status": status,
        "statuses": STATUSES,
        "may_write": request.principal.may("apps:write"),
    }
    return show(request, "chat/apps.html", context, section="apps")
