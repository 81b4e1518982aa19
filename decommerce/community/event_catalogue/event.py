"""What an event of the platform declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """One kind of event.

    `summary` completes "When ..." for people ("someone writes a post"); `payload_schema` is the JSON Schema of a
    CloudEvents envelope's `data`, `sample` an example of it. `untrusted_fields` are the dotted paths of text that
    members or customers wrote.
    """

    name: str
    summary: str
    payload_schema: Mapping[str, Any]
    sample: Mapping[str, Any]
    untrusted_fields: tuple[str, ...] = ()
