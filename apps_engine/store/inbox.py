"""Set-based inserts of the ingest: one statement a table, whatever the size of the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from apps_engine.store.models import EventInbox, Execution
from decommerce.community.insertion import send_new, send_values
from decommerce.pipelining import send

# A commit waits for nothing where nothing was written.
_TO_THE_DISK = "SELECT pg_logical_emit_message(true, 'decommerce', '')"


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


def wait_for_the_disk() -> None:
    """The current transaction ends when all that was committed before it is on the disk.

    For who is about to acknowledge a duplicate: the first one's commit may be on its way still.
    """
    send(_TO_THE_DISK, [])


@dataclass(slots=True)
class NewExecution:
    """What is known of an execution before it is stored; `pk` is there once it was.

    Not an object of the model: to make one takes longer than the database needs to store it.
    """

    app_id: int
    version_id: int
    flow: str
    trigger_type: str
    trigger_key: str
    run_at: datetime
    trigger: Mapping[str, Any]
    inputs: Mapping[str, Any]
    max_attempts: int
    concurrency_key: str
    exclusive: bool
    slots: int
    lane: str
    priority: int
    trigger_id: str = ""
    chain: Sequence[int] = ()
    requested_by: str = ""
    session_key: str = ""
    generation: int = 0
    pk: int | None = None

    def columns(self) -> dict[str, Any]:
        """The row to be, but for when it is made; that it is queued and nobody's the database adds."""
        return {
            "app_id": self.app_id,
            "version_id": self.version_id,
            "flow": self.flow,
            "trigger_type": self.trigger_type,
            "trigger_id": self.trigger_id,
            "trigger_key": self.trigger_key,
            "trigger": self.trigger,
            "inputs": self.inputs,
            "chain": list(self.chain),
            "requested_by": self.requested_by,
            "session_key": self.session_key,
            "generation": self.generation,
            "run_at": self.run_at.isoformat(),
            "priority": self.priority,
            "max_attempts": self.max_attempts,
            "concurrency_key": self.concurrency_key,
            "exclusive": self.exclusive,
            "slots": self.slots,
            "lane": self.lane,
            "usage": {},
        }


def insert_executions(executions: Sequence[NewExecution]) -> list[int]:
    """The ids of the executions that are new; of the same trigger key there is one, as long as it is kept."""
    return send_executions(executions)() if executions else []


def send_executions(executions: Sequence[NewExecution]) -> Callable[[], list[int]]:
    """The same in a pipeline, of one at least; what is returned reads the answer."""
    now = timezone.now().isoformat()
    answer = send_values(Execution, [{**execution.columns(), "created_at": now} for execution in executions])

    def new() -> list[int]:
        places = answer()
        for execution, (key, _) in zip(executions, places, strict=True):
            execution.pk = key
        return sorted(key for key, is_new in places if is_new)

    return new
