"""Moving the times inside Shopify's resources, whatever is nested in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from decommerce.community.importing.timeline import Timeline


def newest_creation(payloads: Iterable[Any]) -> datetime | None:
    """When the newest of the resources was made; None where none says so."""
    made = (_instant(payload.get("created_at")) for payload in payloads if isinstance(payload, dict))
    return max((instant for instant in made if instant is not None), default=None)


def moved(value: Any, timeline: Timeline) -> Any:
    """The same with every time (`created_at`, `cancelled_at` and so on) where the timeline puts it."""
    if isinstance(value, list):
        return [moved(item, timeline) for item in value]
    if isinstance(value, dict):
        return {
            key: _moved_time(item, timeline) if key.endswith("_at") else moved(item, timeline)
            for key, item in value.items()
        }
    return value


def _moved_time(value: Any, timeline: Timeline) -> Any:
    """What is no time is left for the import to refuse; what leaves the calendar is none."""
    instant = _instant(value)
    try:
        return value if instant is None else timeline.place(instant).isoformat()
    except OverflowError:
        return None


def _instant(value: Any) -> datetime | None:
    try:
        instant = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None
