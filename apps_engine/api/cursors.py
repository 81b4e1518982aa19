"""Pages of long lists: each names the row after which the next one begins, so that new rows shift nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

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
