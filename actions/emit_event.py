"""Telling other apps of the community something (TRG-10, ACT-06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.app_events import EventName, send_app_events
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.idempotency import stored_key
from decommerce.community.outbox import NewEvent


class EmitEventParams(BaseModel):
    """The definition names the event in `permissions.emits`, a listener's in `permissions.subscribes`."""

    model_config = ConfigDict(extra="forbid")

    event: EventName = Field(description="The app event, such as bill_settled")
    data: dict[str, Any] = Field(default_factory=dict, description="What its listeners see as `trigger`, up to 64 KiB")


class EmitEvent(LocalAction[EmitEventParams]):
    """One event a call, however often the call is tried."""

    name = "emit_event"
    summary = "Send an event to the other apps of the community"
    sentence = "sends events to other apps"
    Params = EmitEventParams
    result = (FieldSpec("event_id", FieldType.TEXT, "The event, as `why-not` names it"),)
    writes = ("events",)
    targets = ("event",)

    def shared(self, params: EmitEventParams) -> bool:
        return True

    def apply(self, batch: Sequence[Call[EmitEventParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        events = [
            NewEvent(call.params.event, call.params.data, call.params.event, stored_key(call.key)) for call in batch
        ]
        return [{"event_id": event_id} for event_id in send_app_events(events, context)]
