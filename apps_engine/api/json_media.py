"""JSON over HTTP as the language reads and writes it: decimals digit for digit, no duplicate keys, bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import unquote

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from apps_engine.language.jsontext import JsonTextError, dumps, loads
from apps_engine.services.outside_events import LARGEST_EVENT, MOST_EVENTS
from decommerce.community.publisher import BATCH_CONTENT_TYPE, EVENT_CONTENT_TYPE
from decommerce.tenancy.errors import PlatformError


class BodyTooLarge(PlatformError):
    """The body has more bytes than the platform reads."""

    code = "body_too_large"
    status = 413


class NoEventInBinaryMode(PlatformError):
    """The body is of a type that is not read here, or the data of an event without its headers."""

    code = "unsupported_media_type"
    status = 415


class BrokenJson(PlatformError):
    """The body is no JSON; `code` says why (see `jsontext.loads`)."""

    code = "json_syntax"


class UnacceptableJson(BrokenJson):
    """The body is JSON, and holds what no value of the platform may be."""

    status = 422


_ATTRIBUTE = "ce-"
# What RFC 8259 allows and the platform does not.
_SOUND_JSON = frozenset({"number_too_long", "nul_character", "lone_surrogate", "too_deep"})


def body_too_large(limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE) -> BodyTooLarge:
    """The refusal of a body over that many bytes."""
    return BodyTooLarge(f"The body has more than {limit // 1024} KiB.", hint="Send less at once.")


class ExactJSONParser(BaseParser):
    """Reads a JSON body of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body; raises BodyTooLarge and BrokenJson."""
        return _value(stream, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class EventParser(BaseParser):
    """Reads one CloudEvent in its JSON format, as a batch of one."""

    media_type = EVENT_CONTENT_TYPE

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The event, not yet checked; raises BodyTooLarge and BrokenJson."""
        return [_value(stream, LARGEST_EVENT)]


class BinaryEventParser(BaseParser):
    """Reads one CloudEvent in the binary mode of its HTTP binding: attributes in `ce-` headers, data as the body."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The event, not yet checked; raises NoEventInBinaryMode where there are no such headers, and the others'."""
        headers = (parser_context or {})["request"].headers
        attributes = {
            name[len(_ATTRIBUTE) :].lower(): unquote(value)
            for name, value in headers.items()
            if name.lower().startswith(_ATTRIBUTE)
        }
        if "specversion" not in attributes:
            raise NoEventInBinaryMode(
                "As application/json comes the data of one event, and its attributes in `ce-` headers: there are none.",
                hint="Send an event with its attributes as Content-Type: application/cloudevents+json, or a list of "
                "them as application/cloudevents-batch+json.",
            )
        return [{**attributes, "data": _value(stream, LARGEST_EVENT)}]


class EventBatchParser(BaseParser):
    """Reads a batch of CloudEvents in their JSON format."""

    media_type = BATCH_CONTENT_TYPE

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The events, not yet checked; raises BodyTooLarge and BrokenJson."""
        value = _value(stream, MOST_EVENTS * LARGEST_EVENT)
        if not isinstance(value, list):
            raise BrokenJson(
                "A batch of events is a JSON array.",
                hint="Send a list, or one event as application/cloudevents+json.",
                code="not_a_batch",
            )
        return value


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


def _value(stream: IO[Any], limit: int) -> Any:
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise body_too_large(limit)
    try:
        return loads(body)
    except JsonTextError as error:
        refusal = UnacceptableJson if error.code in _SOUND_JSON else BrokenJson
        raise refusal(error.message, hint=error.hint, code=error.code) from error
