"""Idempotency keys of REST writes: the header `Idempotency-Key` (RUN-05, draft-ietf-httpapi-idempotency-key-header).

The scope of a key is the tenant, the principal and the route; the same key with another address, precondition or body
is another request and refused.
"""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.authentication import principal_of
from apps_engine.language.jsontext import dumps, loads
from decommerce.idempotency.service import Answer, Write, answer_of, keep_answer, write_of

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
FIRST_ERROR_STATUS = 400
# What belongs to a body and goes out with it again.
_KEPT_HEADERS = ("ETag", "Location")


class AlreadyAnswered(Exception):
    """The write was done before; `response` is what it was answered."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def begin_once(request: Request) -> Write | None:
    """The write that the request's key names, None where there is no key; raises AlreadyAnswered and refusals."""
    key = request.headers.get(HEADER)
    if key is None or request.method in SAFE_METHODS:
        return None
    says = [request.get_full_path(), request.headers.get("If-Match"), request.data]
    match = request.resolver_match
    operation = f"{request.method} {match.route if match else request.path}"
    write = write_of(principal_of(request), operation, key, dumps(says, sort_keys=True))
    answer = answer_of(write)
    if answer is not None:
        headers = {**answer.headers, REPLAYED: "true"}
        raise AlreadyAnswered(Response(loads(answer.body), answer.status, headers=headers))
    return write


def end_once(write: Write, response: Response) -> None:
    """Keep what the write was answered, unless it was refused."""
    if response.status_code >= FIRST_ERROR_STATUS:
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    keep_answer(write, Answer(dumps(response.data), response.status_code, headers))
