"""The team of the community: who has which role, and who is invited."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chat.throttle import count_invitation
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.community.services.invitation_mail import send_invitation
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.invitations import LONGEST_EMAIL, invite, open_invitations, renew_invitation, revoke_invitation
from decommerce.tenancy.models.membership import Role
from decommerce.tenancy.principal import ROLE_SCOPES, SCOPES
from decommerce.tenancy.team import list_team, set_role


@require_safe
@page_for("admin")
def team(request: TeamRequest) -> HttpResponse:
    """Everybody with a role, who is invited, and what each role may do."""
    return _page(request)


@require_POST
@page_for("admin")
def invite_person(request: TeamRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    email = request.POST.get("email", "").replace("\x00", "").strip()[: LONGEST_EMAIL + 1]
    role = request.POST.get("role", "")
    try:
        count_invitation(request.principal.tenant_id)
        with transaction.atomic():
            send_invitation(invite(request.principal, email, role))
    except PlatformError as error:
        fault = f"{error.message} {error.hint}".strip()
        return _page(request, fault=fault, email=email, role=role, status=error.status)
    return HttpResponseRedirect(f"{reverse('team')}?done=invited")


@require_POST
@page_for("admin")
def invite_again(request: TeamRequest, invitation_id: int) -> HttpResponse:
    """Send the mail again, with a new link; the one before ends."""
    count_invitation(request.principal.tenant_id)
    send_invitation(renew_invitation(request.principal, invitation_id))
    return HttpResponseRedirect(f"{reverse('team')}?done=invited")


@require_POST
@page_for("admin")
def end_invitation(request: TeamRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    revoke_invitation(request.principal, invitation_id)
    return HttpResponseRedirect(f"{reverse('team')}?done=invitation-revoked")


@require_POST
@page_for("admin")
def change_role(request: TeamRequest, membership_id: int) -> HttpResponse:
    """Give somebody another role."""
    set_role(request.principal, membership_id, request.POST.get("role", ""))
    return HttpResponseRedirect(f"{reverse('team')}?done=role-changed")


def _page(request: TeamRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    may = {role: [SCOPES[scope] for scope in SCOPES if scope in ROLE_SCOPES[role]] for role in Role.values}
    is_owner = request.principal.role == Role.OWNER
    now = timezone.now()
    context = {
        "rows": list_team(request.principal),
        "invitations": [(row, row.has_expired(now)) for row in open_invitations(request.principal)],
        "roles": Role.choices,
        "inviting": [(value, label) for value, label in Role.choices if is_owner or value != Role.OWNER],
        "role": Role.MODERATOR,
        "may": [(label, may[value]) for value, label in Role.choices],
        "is_owner": is_owner,
        "longest_email": LONGEST_EMAIL,
        **more,
    }
    return show(request, "chat/team.html", context, section="team", status=status)
