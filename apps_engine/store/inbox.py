"""Set-based inserts of the ingest: one statement a table, whatever the size of the batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from apps_engine.store.models import EventInbox, Execution
from decommerce.community.insertion import insert_new, send_new


class Arrival(Protocol):
    """An event that passed the checks of its envelope."""

    @property
    def id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def dedupe_key(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def data(self) -> Any: ...
    @property
    def chain(self) -> list[int]: ...


def insert_events(arrivals: Sequence[Arrival]) -> list[EventInbox]:
    """The rows that are new; duplicates, also within the batch, are left out."""
    return send_events(arrivals)()


def send_events(arrivals: Sequence[Arrival]) -> Callable[[], list[EventInbox]]:
    """The same in a pipeline; what is returned reads the answer."""
    seen: dict[tuple[str, str], EventInbox] = {}
    for arrival in arrivals:
        row = EventInbox(
            event_id=arrival.id,
            source=arrival.source,
            dedupe_key=arrival.dedupe_key,
            type=arrival.type,
            time=arrival.time,
            data=dict(arrival.data),
            chain=arrival.chain,
        )
        seen.setdefault((arrival.source, arrival.dedupe_key), row)
    inserted = send_new(list(seen.values()))

    def new() -> list[EventInbox]:
        keys = inserted()
        return [row for row in seen.values() if row.pk in keys]

    return new


def insert_executions(executions: Sequence[Execution]) -> list[int]:
    """The ids of the executions that are new; one of the same trigger key exists once for ever."""
    return sorted(insert_new(executions))
