"""What came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from decommerce.outgoing.record import CallRecord, Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingResponse:
    """An answer, whatever its status. Header names are lower case; `body` is decompressed; `hops` has one entry a
    request, the last being the one that answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_ms: int
    hops: tuple[Hop, ...]
    record: CallRecord
