"""Every refusal of the REST API as one `application/problem+json` document (RFC 9457).

`code` is stable, `hint` says what to do, `problems` lists each fault with the path of the value that has it. What no
row of the table below knows is a fault of the platform: it is raised on, logged and answered with 500.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps_engine.api.json_media import body_too_large
from apps_engine.language.errors import LanguageError
from decommerce.tenancy.errors import NotFound, PlatformError

CONTENT_TYPE = "application/problem+json"
# What to do about a refusal of the framework, by its code.
_HINTS: Mapping[str, str] = {
    "unsupported_media_type": "Set Content-Type: application/json, or for events application/cloudevents+json.",
    "method_not_allowed": "See /api/v1/openapi.json for what there is.",
}
# And about a value, where the field that refused it says no more (see `fields`).
_FIELD_HINTS: Mapping[str, str] = {
    "required": "Add it.",
    "null": "Give a value, or leave it out.",
    "blank": "Write something.",
    "empty": "Name at least one.",
    "wrong_type": "See /api/v1/openapi.json for the shape of the request.",
    "invalid": "See /api/v1/openapi.json for the shape of the request.",
    "not_a_list": "Write a list, also of one.",
}


class BadRequest(PlatformError):
    """The request cannot be understood."""

    code = "bad_request"


class InvalidRequest(BadRequest):
    """Values of the request do not fit; `problems` has each with its path."""

    code = "invalid_request"

    def __init__(self, problems: list[dict[str, str]]) -> None:
        faults = "one fault" if len(problems) == 1 else f"{len(problems)} faults"
        super().__init__(f"The request has {faults}.", hint="Correct every problem listed.")
        self.problems = problems

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": self.problems}


class SignInNeeded(PlatformError):
    """Nobody is signed in."""

    code = "not_authenticated"
    status = 401


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an error, None for one that is the platform's own fault. DRF's EXCEPTION_HANDLER."""
    known = next((translate(error) for kind, translate in _TRANSLATIONS if isinstance(error, kind)), None)
    if known is None or known.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    set_rollback()
    return Response(problem_document(known), known.status, headers=_headers(known), content_type=CONTENT_TYPE)


def problem_document(error: PlatformError) -> dict[str, object]:
    """The error as RFC 9457 asks, with the platform's own members `code`, `hint`, `retryable`, `problems`."""
    members = error.as_dict()
    detail = members.pop("message")
    title = HTTPStatus(error.status).phrase
    return {"type": "about:blank", "title": title, "status": error.status, "detail": detail, **members}


def _headers(error: PlatformError) -> dict[str, str]:
    seconds = getattr(error, "retry_after", None)
    if seconds is not None:
        return {"Retry-After": str(seconds)}
    return {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}


def _itself(error: PlatformError) -> PlatformError:
    return error


def _language_error(error: LanguageError) -> PlatformError:
    return BadRequest(error.message, hint=error.hint, code=error.code)


def _invalid_input(error: ValidationError) -> PlatformError:
    return InvalidRequest(list(_faults(error.get_full_details(), "")))


def _faults(details: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(details, list):
        for detail in details:
            yield from _faults(detail, path)
    elif set(details) == {"message", "code"}:
        message, _, hint = str(details["message"]).partition("\n")
        code = str(details["code"])
        yield {"path": path, "code": code, "message": message, "hint": hint or _FIELD_HINTS.get(code, "")}
    else:
        for key, detail in details.items():
            yield from _faults(detail, path if key == "non_field_errors" else f"{path}/{key}")


def _not_authenticated(error: NotAuthenticated) -> PlatformError:
    return SignInNeeded("Nobody is signed in.", hint="Send an API key: Authorization: Bearer dk_...")


def _http_error(error: APIException) -> PlatformError:
    code = str(error.get_codes())
    problem = BadRequest(str(error.detail), hint=_HINTS.get(code, ""), code=code)
    problem.status = error.status_code
    return problem


def _not_found(error: Http404) -> PlatformError:
    return NotFound("There is nothing at this address.", hint="See /api/v1/openapi.json for what there is.")


def _permission_denied(error: PermissionDenied) -> PlatformError:
    problem = BadRequest("You may not do this.", code="permission_refused")
    problem.status = HTTPStatus.FORBIDDEN
    return problem


def _too_large(error: RequestDataTooBig) -> PlatformError:
    return body_too_large()


def _suspicious(error: SuspiciousOperation) -> PlatformError:
    return BadRequest("The request cannot be read.")


# The first row whose class fits translates.
_TRANSLATIONS: tuple[tuple[type[Exception], Callable[[Any], PlatformError]], ...] = (
    (PlatformError, _itself),
    (LanguageError, _language_error),
    (ValidationError, _invalid_input),
    (NotAuthenticated, _not_authenticated),
    (APIException, _http_error),
    (Http404, _not_found),
    (PermissionDenied, _permission_denied),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, _suspicious),
)
