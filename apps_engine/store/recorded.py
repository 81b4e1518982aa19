"""Events of one type as they were recorded, read a stretch at a time: a community may have a million of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apps_engine.store.models import EventInbox

STRETCH = 200


def newest_first(type_of_event: str, since: datetime) -> Iterator[EventInbox]:
    """Those received since then. Numbers are given in the order of arrival, give or take a moment."""
    events = EventInbox.objects.filter(type=type_of_event).order_by("-pk")
    stretch = list(events[:STRETCH])
    while stretch:
        for event in stretch:
            if event.received_at < since:
                return
            yield event
        stretch = list(events.filter(pk__lt=stretch[-1].pk)[:STRETCH]) if len(stretch) == STRETCH else []


def oldest_at(type_of_event: str) -> datetime | None:
    """When the oldest that is still here was received."""
    events = EventInbox.objects.filter(type=type_of_event).order_by("pk")
    return events.values_list("received_at", flat=True).first()
