"""What the audit log keeps of one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a call: the first, or one that a redirect led to. `status` is None where no answer came."""

    host: str
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call, redacted. `path` has no query, `code` is empty for an answered call, sizes are bytes on the wire."""

    method: str
    host: str
    port: int
    path: str
    status: int | None
    code: str
    sent: bool
    request_bytes: int
    response_bytes: int
    duration_ms: int
    hops: tuple[Hop, ...] = ()
    request_headers: Mapping[str, str] = field(default_factory=dict)
    response_headers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)
