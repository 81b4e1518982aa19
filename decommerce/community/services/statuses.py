"""Giving rows another status: posts, rooms, missions and rewards alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.utils import timezone

from decommerce.community.alteration import store
from decommerce.community.values import checked

Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A row's new status. With `only_from`, it is changed only while it has that one."""

    row_id: int
    status: str
    only_from: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """`outcome`: changed, unchanged, other_status (not the one in `only_from`) or not_found."""

    row_id: int
    outcome: str
    previous_status: str | None = None


@dataclass(slots=True)
class StatusChanges(Generic[Row]):
    """`results` has one entry for each change, in order; `changed` the rows whose status is another now, `previous`
    what it was before."""

    results: list[StatusChanged] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    previous: dict[int, str] = field(default_factory=dict)


def change_statuses(model: type[Row], changes: Sequence[StatusChange], *, touched: str = "") -> StatusChanges[Row]:
    """Change statuses one after the other, written in one statement; `touched` names a field that is set to now.

    Raises ValueInvalid for a status that the model has not.
    """
    wanted = [checked(model, "status", change.status) for change in changes]
    held = model.objects.select_for_update().order_by("pk").in_bulk({change.row_id for change in changes})
    before = {pk: row.status for pk, row in held.items()}
    done: StatusChanges[Row] = StatusChanges()
    for change, status in zip(changes, wanted, strict=True):
        done.results.append(_apply(held.get(change.row_id), change, status))
    done.changed = [row for pk, row in held.items() if row.status != before[pk]]
    done.previous = {row.pk: before[row.pk] for row in done.changed}
    for row in done.changed if touched else ():
        setattr(row, touched, timezone.now())
    store(done.changed, ["status", touched] if touched else ["status"])
    return done


def _apply(row: Any, change: StatusChange, status: str) -> StatusChanged:
    if row is None:
        return StatusChanged(change.row_id, "not_found")
    previous = row.status
    if change.only_from is not None and previous != change.only_from:
        return StatusChanged(row.pk, "other_status", previous)
    row.status = status
    return StatusChanged(row.pk, "unchanged" if previous == status else "changed", previous)
