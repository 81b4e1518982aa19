"""Changing only what one has seen: `If-Match` with an app's version (RFC 9110, section 13)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework.request import Request

from apps_engine.services.errors import VersionConflict
from apps_engine.store.models import App
from decommerce.tenancy.errors import PlatformError

# Many programs leave the quotes out.
_ETAG = re.compile(r'"?([0-9]{1,9})"?')


class BadPrecondition(PlatformError):
    """The If-Match header is no version of an app."""

    code = "bad_if_match"


class PreconditionFailed(PlatformError):
    """Somebody else changed the app in the meantime."""

    code = "version_conflict"
    status = 412


def etag(app: App) -> str:
    """The entity tag of an app: its version."""
    return f'"{app.version_number}"'


def expected_version(request: Request, body: Mapping[str, Any]) -> int | None:
    """The version that the change is meant for, from the header or else the body; None where it does not matter."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return body.get("expected_version")
    match = _ETAG.fullmatch(header)
    if match is None:
        raise BadPrecondition("If-Match is not the ETag of an app.", hint='Send the ETag you got, e.g. If-Match: "3".')
    return int(match[1])


@contextmanager
def honouring(request: Request) -> Iterator[None]:
    """A conflict with `If-Match` is 412, one with the body stays 409."""
    try:
        yield
    except VersionConflict as conflict:
        if "If-Match" not in request.headers:
            raise
        raise PreconditionFailed(conflict.message, hint=conflict.hint) from conflict
