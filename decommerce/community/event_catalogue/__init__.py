"""Every event that the platform emits; the engine turns this table into what a definition may listen to (TRG-02).

It is a published contract: plain values that need no model, and a test holds them equal to what models allow.
"""

from collections.abc import Mapping

from decommerce.community.event_catalogue.achievements import ACHIEVEMENT_EVENTS
from decommerce.community.event_catalogue.commerce import COMMERCE_EVENTS
from decommerce.community.event_catalogue.content import CONTENT_EVENTS
from decommerce.community.event_catalogue.event import PlatformEvent
from decommerce.community.event_catalogue.people import PEOPLE_EVENTS

EVENTS: Mapping[str, PlatformEvent] = {
    event.name: event for event in (*PEOPLE_EVENTS, *CONTENT_EVENTS, *ACHIEVEMENT_EVENTS, *COMMERCE_EVENTS)
}

__all__ = ["EVENTS", "PlatformEvent"]
