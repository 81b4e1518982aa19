"""The team of the community: who has which role."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.models.membership import Role
from decommerce.tenancy.principal import ROLE_SCOPES, SCOPES
from decommerce.tenancy.team import list_team, set_role


@require_safe
@page_for("admin")
def team(request: TeamRequest) -> HttpResponse:
    """Everybody with a role, and what each role may do."""
    may = {role: [SCOPES[scope] for scope in SCOPES if scope in ROLE_SCOPES[role]] for role in Role.values}
    context = {
        "rows": list_team(request.principal),
        "roles": Role.choices,
        "may": [(label, may[value]) for value, label in Role.choices],
        "is_owner": request.principal.role == Role.OWNER,
    }
    return show(request, "chat/team.html", context, section="team")


@require_POST
@page_for("admin")
def change_role(request: TeamRequest, membership_id: int) -> HttpResponse:
    """Give somebody another role."""
    set_role(request.principal, membership_id, request.POST.get("role", ""))
    return HttpResponseRedirect(f"{reverse('team')}?done=role-changed")
