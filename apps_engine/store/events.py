"""The events of the platform, as the language knows them."""

from __future__ import annotations

from apps_engine.language.catalogue import EventSpec
from decommerce.community.event_catalogue import EVENTS as PLATFORM_EVENTS

EVENTS: tuple[EventSpec, ...] = tuple(
    EventSpec(event.name, event.summary, event.payload_schema, event.sample, frozenset(event.untrusted_fields))
    for event in PLATFORM_EVENTS.values()
)
