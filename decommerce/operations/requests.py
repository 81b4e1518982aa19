"""A number for every request, in its answer and in every line of the log, and how long its route took (OPS-01)."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from decommerce.operations.metrics import REQUESTS

HEADER = "X-Request-ID"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What somebody in front gave it is kept where it is no more than a name.
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The number of the request at hand; empty outside of one."""
    return _request_id.get()


class RequestMiddleware:
    """The outermost one; works for synchronous and streaming views alike."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.is_async:
            return self.answer_async(request)
        token, began = _request_id.set(_numbered(request)), time.monotonic()
        try:
            return _measured(request, self.get_response(request), began)
        finally:
            _request_id.reset(token)

    async def answer_async(self, request: HttpRequest) -> HttpResponseBase:
        token, began = _request_id.set(_numbered(request)), time.monotonic()
        try:
            return _measured(request, await self.get_response(request), began)
        finally:
            _request_id.reset(token)


def _numbered(request: HttpRequest) -> str:
    """The request's number, which it carries from now on: Django tells of some answers after the middleware."""
    given = request.headers.get(HEADER, "")
    number = request.number = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    return number


def _measured(request: HttpRequest, response: HttpResponseBase, began: float) -> HttpResponseBase:
    response.headers[HEADER] = current_request_id()
    match = request.resolver_match
    method = request.method if request.method in METHODS else "other"
    labels = (method, match.route if match else "none", f"{response.status_code // 100}xx")
    REQUESTS.labels(*labels).observe(time.monotonic() - began)
    return response
