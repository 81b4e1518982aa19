"""Reading a CloudEvents 1.0 envelope from the queue; its writer is not trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema_rs
from django.utils import timezone

from apps_engine.language.instants import instant_or_none
from apps_engine.language.jsontext import dumps
from apps_engine.registry import registry
from decommerce.community.outbox import is_app_event

LONGEST_TEXT = 200
LONGEST_CHAIN = 20
_NUMBER = re.compile(r"[0-9]{1,18}")


class BadEnvelope(ValueError):
    """The message is no event that the platform knows. `path` is a JSON Pointer into it."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path


@dataclass(frozen=True, slots=True)
class Envelope:
    """A checked envelope; `tenant` is a slug that may still be unknown."""

    tenant: str
    id: str
    source: str
    dedupe_key: str
    type: str
    time: datetime
    data: Mapping[str, Any]
    chain: list[int]
    raw: Mapping[str, Any]


def read_envelope(message: Any) -> Envelope:
    """The envelope of a message; raises BadEnvelope with a code."""
    if not isinstance(message, Mapping):
        raise BadEnvelope("not_an_object", "An event is a JSON object.")
    if message.get("specversion") != "1.0":
        raise BadEnvelope("bad_specversion", "An event is a CloudEvents envelope of specversion 1.0.", "/specversion")
    event_type = _text(message, "type")
    data = message.get("data")
    if not isinstance(data, Mapping):
        raise BadEnvelope("bad_data", "The event has no data object.", "/data")
    _check_payload(event_type, data)
    event_id = _text(message, "id")
    return Envelope(
        tenant=_text(message, "tenantid"),
        id=event_id,
        source=_text(message, "source"),
        dedupe_key=_text(message, "dedupekey") if "dedupekey" in message else event_id,
        type=event_type,
        time=_time(message.get("time")),
        data=data,
        chain=_chain(message.get("chain", "")),
        raw=message,
    )


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or "\x00" in value:
        raise BadEnvelope(f"bad_{name}", f"“{name}” must be a text of 1 to {LONGEST_TEXT} characters.", f"/{name}")
    return value


def _time(value: Any) -> datetime:
    if value is None:
        return timezone.now()
    instant = instant_or_none(value) if isinstance(value, str) else None
    if instant is None:
        raise BadEnvelope("bad_time", "“time” must be an instant such as 2026-11-21T09:00:00Z.", "/time")
    return instant


def _chain(value: Any) -> list[int]:
    parts = value.split(",") if isinstance(value, str) and value else []
    if not isinstance(value, str) or len(parts) > LONGEST_CHAIN or not all(map(_NUMBER.fullmatch, parts)):
        raise BadEnvelope("bad_chain", "“chain” must list the numbers of apps, separated by commas.", "/chain")
    return [int(part) for part in parts]


def _check_payload(event_type: str, data: Mapping[str, Any]) -> None:
    if is_app_event(event_type):
        # What apps tell each other is theirs to define; only its size was bounded when it was sent.
        return
    if event_type not in registry.events:
        raise BadEnvelope("unknown_event", f"There is no event “{event_type}” in the catalogue.", "/type")
    validator = _validator(event_type)
    fault = next(iter(validator.iter_errors(data)), None)
    if fault is not None:
        where = "/".join(str(part) for part in fault.instance_path)
        raise BadEnvelope("bad_payload", f"data/{where}: {fault.message}", f"/data/{where}".rstrip("/"))


@cache
def _validator(event_type: str) -> Any:
    return jsonschema_rs.validator_for(dumps(dict(registry.events[event_type].payload)))
