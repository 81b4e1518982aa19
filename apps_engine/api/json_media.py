"""JSON over HTTP as the language reads and writes it: decimals digit for digit, no duplicate keys, bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from apps_engine.language.jsontext import JsonTextError, dumps, loads
from decommerce.tenancy.errors import PlatformError


class BodyTooLarge(PlatformError):
    """The body has more bytes than the platform reads."""

    code = "body_too_large"
    status = 413


class BrokenJson(PlatformError):
    """The body is no acceptable JSON; `code` says why (see `jsontext.loads`)."""

    code = "json_syntax"


def body_too_large() -> BodyTooLarge:
    """The refusal of a body over DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return BodyTooLarge(f"The body has more than {limit // 1024} KiB.", hint="Send less at once.")


class ExactJSONParser(BaseParser):
    """Reads a JSON body of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body; raises BodyTooLarge and BrokenJson."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise body_too_large()
        try:
            return loads(body)
        except JsonTextError as error:
            raise BrokenJson(error.message, hint=error.hint, code=error.code) from error


class ExactJSONRenderer(BaseRenderer):
    """Writes compact UTF-8 JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The body of an answer; nothing for an answer without content."""
        return b"" if data is None else dumps(data).encode()
