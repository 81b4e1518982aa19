"""Who may see a page, and how an error looks on one: the edge where PlatformError becomes HTML."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from apps_engine.api.rates import RateLimited, spend
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Tenant, User
from decommerce.tenancy.principal import ROLE_SCOPES, PermissionRefused, Principal

View = Callable[..., HttpResponse]


class TeamRequest(HttpRequest):
    """What the tenant's middleware makes of a request of somebody who is signed in and belongs to a tenant."""

    principal: Principal
    tenant: Tenant
    user: User


class NoSeat(PlatformError):
    """Signed in, but not in any community's team."""

    code = "no_seat"
    status = 403


def page_for(scope: str | None = "apps:read", *, only_reads: bool = False) -> Callable[[View], View]:
    """The view is for people who are signed in and, unless `scope` is None, hold that scope.

    Each request counts in the person's budget, as one that reads or writes (SEC-07); `only_reads` says that what is
    posted is only looked at.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            try:
                check_seat(request, scope)
                spend(request.principal, "write" if request.method == "POST" and not only_reads else "read")
                return view(request, *args, **kwargs)
            except PlatformError as error:
                return show_error(request, error)

        return guarded

    return decorate


def check_seat(request: TeamRequest, scope: str | None) -> None:
    """Raise unless a person with a membership, and with the scope, asks."""
    principal: Principal | None = request.principal
    if principal is None:
        raise NoSeat("You belong to no community yet.", hint="Ask an owner of the community to add you to their team.")
    if principal.kind != "user":
        raise PermissionRefused("Pages are for people.", hint="Use the REST API or MCP with this key.")
    if scope is not None and not principal.may(scope):
        if principal.scopes:
            raise PermissionRefused(
                f"This page is for {_holders(scope)} of {request.tenant}.",
                hint=f"You are signed in as {principal.role}. An owner of the community can give you another role.",
            )
        raise NoSeat(
            f"These pages are for the team of {request.tenant}.",
            hint="You are signed in as a member. An owner or admin of the community can give you a role in the team.",
        )


def _holders(scope: str) -> str:
    """The roles that hold a scope, in words: "owners and admins"."""
    *others, last = [f"{role}s" for role, scopes in ROLE_SCOPES.items() if scope in scopes]
    return f"{', '.join(others)} and {last}"


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, which leads back here. A form that was sent signed out is not repeated."""
    target = request.get_full_path() if request.method == "GET" else ""
    return redirect_to_login(target, resolve_url(settings.LOGIN_URL))


def show_error(request: HttpRequest, error: PlatformError) -> HttpResponse:
    """The error as a page that says what to do."""
    page = render(request, "chat/error.html", {"error": error}, status=error.status)
    if isinstance(error, RateLimited):
        page.headers["Retry-After"] = str(error.retry_after)
    return page
