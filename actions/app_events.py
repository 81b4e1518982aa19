"""What an app may tell other apps: checks that both actions which send app events share (TRG-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import StringConstraints

from apps_engine.contracts import ActionContext
from apps_engine.language.jsontext import JsonTextError, dumps, loads
from apps_engine.services.quotas import spend
from decommerce.community.outbox import NewEvent, emit_of_app
from decommerce.tenancy.errors import PlatformError

MAX_BYTES = 65_536
EventName = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class EventNotPermitted(PlatformError):
    """The definition does not say that the app sends this event."""

    code = "event_not_permitted"
    status = 403


class EventTooLarge(PlatformError):
    """The data of an event is more than other apps have to take."""

    code = "event_too_large"


def send_app_events(events: Sequence[NewEvent], context: ActionContext) -> list[str]:
    """Send events of the running app with the changes of this step; returns their ids.

    Raises EventNotPermitted, EventTooLarge, and QuotaReached: one step can send more than a queue takes in an hour.
    """
    for event in events:
        if event.name not in context.permissions.get("emits", ()):
            hint = f'Add "permissions": {{"emits": ["{event.name}"]}} to its definition.'
            raise EventNotPermitted(f"This app may not send the event “{event.name}”.", hint=hint)
        _check_data(event.name, event.data)
    spend("event", len(events))
    return emit_of_app(context.app_id, events)


def _check_data(name: str, data: Mapping[str, Any]) -> None:
    try:
        # In the batch, the envelope and its data: so deep does it travel.
        loads(dumps([{"data": data}]), max_bytes=MAX_BYTES + len('[{"data":}]'))
    except JsonTextError as error:
        hint = f"Send at most {MAX_BYTES // 1024} KiB of plain data, such as numbers of rows instead of the rows."
        raise EventTooLarge(f"The data of “{name}” cannot be sent: {error.message}", hint=hint) from error
