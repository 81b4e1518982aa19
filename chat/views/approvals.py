"""What waits for a person, on one page: decided here, or where it belongs (CHT-03)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from chat.waiting import waiting_for

SHOWN = 50


@never_cache
@require_safe
@page_for()
def approvals(request: TeamRequest) -> HttpResponse:
    """Proposals, calls in doubt, runs that were given up, apps that were stopped, accounts to connect again."""
    principal = request.principal
    context = {
        "waiting": waiting_for(principal, SHOWN),
        "may_run": principal.may("apps:run"),
        "may_write": principal.may("apps:write"),
    }
    return show(request, "chat/approvals.html", context, section="approvals")
