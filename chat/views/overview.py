"""The first page of a team: what ran, what failed, what waits for somebody, and what is used."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps_engine.services.mails import mails_in_doubt
from apps_engine.services.overview import MOST_WAITING, activity, next_fires
from apps_engine.services.quotas import usage
from apps_engine.services.runs import list_runs
from apps_engine.store.models import App
from chat.chart import chart_of
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from chat.waiting import waiting_for

RUNS_SHOWN = 8
USES_SHOWN = 3


@require_safe
@page_for()
def overview(request: TeamRequest) -> HttpResponse:
    """How the community's apps are doing."""
    principal = request.principal
    seen = activity(principal)
    uses = usage(principal)
    waiting = waiting_for(principal, MOST_WAITING)
    context = {
        "activity": seen,
        "chart": chart_of(seen.days),
        "waiting": waiting,
        "attention": waiting.attention,
        "fires": next_fires(principal),
        "runs": list_runs(principal, None, limit=RUNS_SHOWN),
        "uses": sorted(uses, key=lambda use: -use.percent)[:USES_SHOWN],
        "mails_in_doubt": mails_in_doubt(principal).count() if principal.may("admin") else 0,
        # Where an operator allows nothing, nobody used it up.
        "used_up": [use for use in uses if use.percent == 100 and use.standing.allowed],
        "no_apps": not App.objects.exclude(status=App.Status.DELETED).exists(),
    }
    return show(request, "chat/overview.html", context, section="overview")
