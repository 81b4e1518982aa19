"""Pages of long lists: each names the row after which the next one begins, so that new rows shift nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps_engine.store.models import Decision

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECISION_CURSOR = re.compile(r"^[0-9]{1,17}\.[0-9]{1,18}$", re.ASCII)


def decision_cursor(decision: Decision) -> str:
    """The cursor of what lies behind a decision: the list goes by the time of the last repeat, which has no number."""
    return f"{(decision.last_at - EPOCH) // timedelta(microseconds=1)}.{decision.pk}"


@extend_schema_field({"type": "string", "pattern": _DECISION_CURSOR.pattern})
class DecisionPosition(serializers.Field):
    """Such a cursor, read: a `last_at` and a number."""

    default_error_messages = {"invalid": "Pass next_cursor on as it came."}

    def to_internal_value(self, data: Any) -> tuple[datetime, int]:
        """The position."""
        if not isinstance(data, str) or _DECISION_CURSOR.fullmatch(data) is None:
            self.fail("invalid")
        moment, number = data.split(".")
        return EPOCH + timedelta(microseconds=int(moment)), int(number)

    def to_representation(self, value: Any) -> Any:
        return value


Row = TypeVar("Row", bound=Model)


def cursor_page(
    rows: QuerySet[Row],
    wanted: Mapping[str, Any],
    show: Callable[[Row], dict[str, Any]],
    *,
    by: str = "pk",
    ascending: bool = False,
) -> dict[str, Any]:
    """The page that a `CursorPage` asks for: `items`, and `next_cursor`, which is None on the last page.

    `by` is the unique number that the list is ordered by: falling, unless `ascending`.
    """
    if "cursor" in wanted:
        rows = rows.filter(**{f"{by}__{'gt' if ascending else 'lt'}": wanted["cursor"]})
    found = list(rows.order_by(by if ascending else f"-{by}")[: wanted["limit"] + 1])
    page = found[: wanted["limit"]]
    more = len(found) > len(page)
    return {"items": [show(row) for row in page], "next_cursor": getattr(page[-1], by) if more else None}
