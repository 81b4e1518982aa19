"""The keys of one JSON value in the order of another: jsonb keeps none, and people read what they wrote as they did."""

from __future__ import annotations

from typing import Any


def in_order_of(value: Any, pattern: Any) -> Any:
    """The same value; keys that the pattern has in its order, the others behind them as they come."""
    if isinstance(value, dict):
        known = pattern if isinstance(pattern, dict) else {}
        keys = [*(key for key in known if key in value), *(key for key in value if key not in known)]
        return {key: in_order_of(value[key], known.get(key)) for key in keys}
    if not isinstance(value, list):
        return value
    items = pattern if isinstance(pattern, list) else []
    return [in_order_of(item, items[index] if index < len(items) else None) for index, item in enumerate(value)]
