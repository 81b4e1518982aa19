"""The tenant and the principal of a web request.

A session or an API key says who acts; every synchronous view then runs inside the tenant's scope. An answer of 400 or
more leaves nothing behind. Streaming and other async views open scopes of their own, since they outlive this one; so
do views marked with `own_scope`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.connections import LOST, is_lost, read_alive
from decommerce.tenancy.context import locator_scope, tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.keys import KeyRefused, authenticate_key, record_use
from decommerce.tenancy.models import Membership, Tenant, User
from decommerce.tenancy.operators import is_operator, operator_principal
from decommerce.tenancy.principal import ROLE_SCOPES, Principal

SESSION_TENANT = "tenant_id"
BEARER = "bearer "
FIRST_ERROR_STATUS = 400
logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
_WITH_OWN_SCOPE: set[View] = set()


class DatabaseAway(PlatformError):
    """The database is away, or dropped the connection in the middle of a request."""

    code = "database_away"
    status = 503
    retryable = True
    retry_after = 5


class TenantMiddleware:
    """Sets `request.principal` (or None) and `request.tenant` (or None)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.tenant = None
        try:
            request.principal = read_alive(partial(_principal, request))
            if request.principal is not None:
                request.tenant = Tenant.objects.get(pk=request.principal.tenant_id)
        except KeyRefused as refused:
            return _problem(refused)
        except LOST as error:
            return _unavailable(request, error)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        principal = request.principal
        if principal is None or iscoroutinefunction(view) or view in _WITH_OWN_SCOPE:
            return None
        try:
            with tenant_scope(principal.tenant_id, boundary="request"), caused_by(Cause(principal)):
                if principal.kind == "api_key":
                    record_use(principal.id)
                response = view(request, *args, **kwargs)
                if response.status_code >= FIRST_ERROR_STATUS:
                    transaction.set_rollback(True)
        except LOST as error:
            return _unavailable(request, error)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A view without a scope of ours lost the database: of somebody who signs in, or with a scope of its own."""
        return _unavailable(request, error) if isinstance(error, LOST) and is_lost(error) else None


def own_scope(view: View) -> View:
    """The view enters a scope of its own: what it serves belongs to no tenant of the person who happens to ask."""
    _WITH_OWN_SCOPE.add(view)
    return view


def principal_of(user: User, tenant_id: int | None) -> Principal | None:
    """What `user` is in that tenant, or in their first one; None where they belong to none."""
    with locator_scope("user_id", str(user.pk)):
        memberships = list(Membership.across_tenants.filter(user_id=user.pk).order_by("pk"))
    chosen = next((row for row in memberships if row.tenant_id == tenant_id), memberships[0] if memberships else None)
    if chosen is None:
        return None
    return Principal("user", user.pk, str(user), chosen.tenant_id, ROLE_SCOPES[chosen.role], chosen.role)


def tenant_context(request: HttpRequest) -> dict[str, Any]:
    """What every page knows: the tenant and who is signed in."""
    return {"tenant": getattr(request, "tenant", None), "principal": getattr(request, "principal", None)}


def _principal(request: HttpRequest) -> Principal | None:
    if getattr(request, "for_operators", False):
        return _operator(request)
    header = request.headers.get("Authorization", "")
    if header[: len(BEARER)].lower() == BEARER:
        return authenticate_key(header[len(BEARER) :].strip())
    user = request.user
    if not user.is_authenticated:
        return None
    return principal_of(user, request.session.get(SESSION_TENANT))


def _operator(request: HttpRequest) -> Principal | None:
    """An operator in the tenant that they chose; row level security holds for them as for everybody."""
    tenant_id = request.session.get(SESSION_TENANT)
    if tenant_id is None or not is_operator(request.user):
        return None
    return operator_principal(request.user, tenant_id)


def _unavailable(request: HttpRequest, error: Error) -> HttpResponse:
    """The answer to a program, or to a person, while the database is away; raises any other fault of it."""
    if not is_lost(error):
        raise error
    logger.warning("a request was not served, the database is away: %s", type(error).__name__)
    away = DatabaseAway(
        "The database does not answer.", hint="Send it again in a moment, a change with its Idempotency-Key."
    )
    # A browser names it; `*/*` is what programs say.
    if "text/html" not in request.headers.get("Accept", ""):
        return _problem(away)
    # Where the answer to a COMMIT was lost nobody knows whether it was kept. What is only looked at is asked for again.
    again = {"address": request.get_full_path()} if request.method in ("GET", "HEAD") else {}
    response = render(request, "503.html", again, status=away.status)
    response.headers["Retry-After"] = str(away.retry_after)
    return response


def _problem(refused: PlatformError) -> HttpResponse:
    facts = refused.as_dict()
    title = HTTPStatus(refused.status).phrase
    body = {"type": "about:blank", "title": title, "status": refused.status, "detail": facts.pop("message")}
    response = JsonResponse(body | facts, status=refused.status, content_type="application/problem+json")
    if refused.retry_after is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    if refused.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
