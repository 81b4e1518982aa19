"""Who calls the REST API: the principal that the tenancy middleware found."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal


class CsrfRefused(PermissionDenied):
    """A browser's request without its token could come from another site."""

    default_code = "csrf_refused"
    default_detail = "The request has no valid CSRF token. Send the cookie's value in the X-CSRFToken header."


class PrincipalAuthentication(BaseAuthentication):
    """`request.auth` is the principal. A browser's session needs its CSRF token; a program with a key has no cookie."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        """The principal of a session or an API key, None where there is neither; raises CsrfRefused."""
        principal: Principal | None = request._request.principal  # type: ignore[attr-defined]
        if principal is None:
            return None
        if principal.kind == "user":
            _require_csrf_token(request._request)
        return principal, principal

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for (RFC 6750)."""
        return "Bearer"


class HasPrincipal(BasePermission):
    """Somebody is signed in; what they may do is asked by the services."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request has a principal."""
        return isinstance(request.auth, Principal)


class ConfirmationRequired(PlatformError):
    """A key whose changes a person confirms one by one changes nothing here, where there is nobody to ask."""

    code = "confirmation_required"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "Each change with this key is to be confirmed by a person.",
            hint="Make the change over MCP with a client that can ask its user, or use another key.",
        )


def principal_of(request: Request) -> Principal:
    """Who asks; raises NotAuthenticated where nobody is signed in."""
    if not isinstance(request.auth, Principal):
        raise NotAuthenticated
    return request.auth


def _require_csrf_token(request: HttpRequest) -> None:
    check = CSRFCheck(_no_view)
    check.process_request(request)
    if check.process_view(request, _no_view, (), {}) is not None:
        raise CsrfRefused


def _no_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
