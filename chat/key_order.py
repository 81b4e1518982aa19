"""The keys of a definition in the order in which people write and read them; jsonb keeps none."""

from __future__ import annotations

from typing import Any

ORDER = (
    "schema_version", "profile", "name", "id", "description", "version", "icon", "tags", "type", "event", "filter",
    "cron", "timezone", "fetch", "transform", "from", "act", "each", "as", "branch", "pause", "when", "where", "fields",
    "order_by", "limit", "params", "steps", "flow", "once_per", "on_error", "retry", "inputs", "triggers", "flows",
    "states", "permissions", "settings", "response",
)  # fmt: skip
_RANK = {key: rank for rank, key in enumerate(ORDER)}
_LAST = len(ORDER)
_NAMED = frozenset({"properties", "flows", "params", "where", "filter", "columns", "metrics"})


def in_reading_order(value: Any, *, named: bool = False) -> Any:
    """The same JSON value; known keys first, in their order, the others as they come.

    Keys that are `named` by the author, such as those of inputs, stay as they are.
    """
    if isinstance(value, dict):
        keys = value if named else sorted(value, key=lambda key: _RANK.get(key, _LAST))
        return {key: in_reading_order(value[key], named=key in _NAMED and not named) for key in keys}
    return [in_reading_order(item) for item in value] if isinstance(value, list) else value
