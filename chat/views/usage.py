"""What the community's apps have used of what they may (RUN-07)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps_engine.services.quotas import usage as quotas_in_use
from chat.views.access import TeamRequest, page_for
from chat.views.page import show


@require_safe
@page_for()
def usage(request: TeamRequest) -> HttpResponse:
    """Each quota as a bar, and when it begins anew."""
    uses = quotas_in_use(request.principal)
    context = {"uses": uses, "nothing_used": not any(use.standing.used for use in uses)}
    return show(request, "chat/usage.html", context, section="usage")
