"""A draft beside the live version of an app: how the two compare, and ending it (RUN-15)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps_engine.services.apps import get_app
from apps_engine.services.errors import ShadowNotFound
from apps_engine.services.shadows import end_shadow, get_shadow
from chat.shadow_words import shadow_in_words
from chat.views.access import TeamRequest, page_for
from chat.views.page import show


@require_http_methods(["GET", "HEAD", "POST"])
@page_for("data:read")
def shadow(request: TeamRequest, app_id: int) -> HttpResponse:
    """What both came to so far; its button ends the comparison."""
    app = get_app(request.principal, app_id)
    if request.method == "POST":
        end_shadow(request.principal, app.pk)
        return HttpResponseRedirect(f"{reverse('shadow', args=[app.pk])}?done=shadow-ended")
    context: dict[str, Any] = {"app": app, "may_write": request.principal.may("apps:write")}
    try:
        context["shadow"] = shadow_in_words(get_shadow(request.principal, app.pk))
    except ShadowNotFound:
        context["shadow"] = None
    return show(request, "chat/shadow.html", context, section="apps")
