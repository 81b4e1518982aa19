"""What is said where an address is asked in a way that it does not take: Django answers with nothing at all."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse

from apps_engine.api.problems import CONTENT_TYPE, problem_document
from chat.views.access import show_error
from decommerce.tenancy.errors import PlatformError


class MethodNotAllowed(PlatformError):
    """The address takes other methods than that of the request; nothing was done."""

    code = "method_not_allowed"
    status = 405


class MethodMiddleware:
    """Tells people by a page, and programs by a problem document, which methods there are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = response.headers["Allow"]
        told = _told(request, allowed)
        told.headers["Allow"] = allowed
        return told


def _told(request: HttpRequest, allowed: str) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        return show_error(request, _for_people(allowed))
    hint = "Send it with a method that is named in Allow."
    error = MethodNotAllowed(f"This address takes {allowed} only.", hint=hint)
    return JsonResponse(problem_document(error), status=error.status, content_type=CONTENT_TYPE)


def _for_people(allowed: str) -> MethodNotAllowed:
    if "GET" in allowed:
        return MethodNotAllowed("This page takes no form.", hint="Nothing was done. Open it by its address instead.")
    return MethodNotAllowed(
        "This address belongs to a button, and is no page.",
        hint="Nothing was done. Go back to the page that has the button, and press it there.",
    )
