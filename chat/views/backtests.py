"""What an app would have done on the events that were recorded: choose how far back, and see (RUN-14)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from apps_engine.services.apps import get_app
from apps_engine.services.backtests import USUAL_DAYS, backtest, kept_days
from chat.backtest_words import backtest_in_words
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.errors import PlatformError

CHOICES = (1, 3, 7, 14, 30)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for("data:read")
def backtest_app(request: TeamRequest, app_id: int) -> HttpResponse:
    """The form; its button counts and rehearses, and changes nothing."""
    app = get_app(request.principal, app_id)
    kept = kept_days()
    choices = [days for days in CHOICES if kept is None or days <= kept]
    asked = request.POST.get("days", "")
    days = int(asked) if asked in map(str, choices) else min(USUAL_DAYS, choices[-1])
    context: dict[str, Any] = {"app": app, "days": days, "choices": choices, "kept": kept}
    status = 200
    if request.method == "POST":
        try:
            context["past"] = backtest_in_words(backtest(request.principal, app.pk, days=days))
        except PlatformError as error:
            context["error"], status = error, error.status
    return show(request, "chat/backtest.html", context, section="apps", status=status)
