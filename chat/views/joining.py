"""The page behind the link of an invitation: whoever has the link joins the team, once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chat.throttle import count_sign_in
from chat.views.access import show_error
from chat.views.sign_in import LONGEST_PASSWORD
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.invitation_links import Claim, claim_of
from decommerce.tenancy.invitations import (
    LONGEST_NAME,
    InvitationOver,
    JoiningRefused,
    claimed_invitation,
    join_as,
    join_as_new,
)
from decommerce.tenancy.middleware import SESSION_TENANT, own_scope
from decommerce.tenancy.models import Invitation, Tenant, User
from decommerce.tenancy.principal import Principal

NOT_THEIRS = "That is not the password of this account."


# Looking changes nothing: programs that check mail open its links.
@own_scope
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: with a name and a password, or with the password of the account of that address."""
    try:
        claim = claim_of(token)
        with tenant_scope(claim.tenant_id):
            invitation = claimed_invitation(claim)
    except PlatformError as error:
        return show_error(request, error)
    if request.method != "POST":
        return _form(request, invitation)
    try:
        person, principal = _join(request, claim, invitation)
    except InvitationOver as error:
        return show_error(request, error)
    except PlatformError as error:
        fault = f"{error.message} {error.hint}".strip()
        return _form(request, invitation, fault=fault, name=request.POST.get("name", ""), status=error.status)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session[SESSION_TENANT] = principal.tenant_id
    first = "overview" if principal.may("apps:read") else "notifications"
    return HttpResponseRedirect(f"{reverse(first)}?done=joined")


def _join(request: HttpRequest, claim: Claim, invitation: Invitation) -> tuple[User, Principal]:
    """Who joined, and as what. The link proves the mailbox; an account opens with its password only."""
    count_sign_in(request.META.get("REMOTE_ADDR", ""), invitation.email)
    password = request.POST.get("password", "")
    if not _has_account(invitation):
        with tenant_scope(claim.tenant_id):
            return join_as_new(claim, request.POST.get("name", "").replace("\x00", ""), password)
    person: Any = request.user
    if not _is_theirs(request, invitation):
        person = authenticate(request, username=invitation.email, password=password[:LONGEST_PASSWORD])
    if person is None:
        raise JoiningRefused(NOT_THEIRS)
    with tenant_scope(claim.tenant_id):
        return person, join_as(claim, person)


def _has_account(invitation: Invitation) -> bool:
    return User.objects.filter(email=invitation.email).exists()


def _is_theirs(request: HttpRequest, invitation: Invitation) -> bool:
    return bool(request.user.is_authenticated and request.user.email == invitation.email)


def _form(request: HttpRequest, invitation: Invitation, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "invitation": invitation,
        "community": Tenant.objects.get(pk=invitation.tenant_id),
        "known": _has_account(invitation),
        "signed_in": _is_theirs(request, invitation),
        "longest_name": LONGEST_NAME,
        **more,
    }
    return render(request, "chat/join.html", context, status=status)
