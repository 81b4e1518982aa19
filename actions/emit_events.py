"""Telling other apps several things at once (TRG-10, ACT-06)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.app_events import EventName, EventTooLarge, send_app_events
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.jsontext import dumps
from decommerce.community.idempotency import stored_key
from decommerce.community.outbox import NewEvent

MAX_EVENTS = 100
# All the data of a call: a hundred calls of a loop are written in one statement.
MAX_BYTES_TOGETHER = 1_048_576


class EmitEventsParams(BaseModel):
    """Events of one name, each with data of its own."""

    model_config = ConfigDict(extra="forbid")

    event: EventName = Field(description="The app event, such as bill_settled")
    items: list[dict[str, Any]] = Field(
        max_length=MAX_EVENTS, description="The data of each event, up to 64 KiB each and 1 MiB together"
    )


class EmitEvents(LocalAction[EmitEventsParams]):
    """The events of a call are sent together, or none of them is; once, however often the call is tried."""

    name = "emit_events"
    summary = "Send up to 100 events to the other apps of the community"
    sentence = "sends events to other apps"
    Params = EmitEventsParams
    result = (
        FieldSpec("count", FieldType.INTEGER, "How many were sent"),
        FieldSpec("event_ids", FieldType.LIST, "The events, in the order of the items"),
    )
    writes = ("events",)
    targets = ("event",)

    def apply(self, batch: Sequence[Call[EmitEventsParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        for call in batch:
            if len(dumps(call.params.items).encode()) > MAX_BYTES_TOGETHER:
                message = f"The {len(call.params.items)} events of a call have more than 1 MiB of data together."
                raise EventTooLarge(message, hint="Send numbers of rows instead of the rows, or fewer events at once.")
        events = [
            NewEvent(call.params.event, item, call.params.event, stored_key(f"{call.key}#{place}"))
            for call in batch
            for place, item in enumerate(call.params.items)
        ]
        context.require_room(len(events))
        ids = iter(send_app_events(events, context))
        sent = [list(islice(ids, len(call.params.items))) for call in batch]
        return [{"count": len(event_ids), "event_ids": event_ids} for event_ids in sent]
