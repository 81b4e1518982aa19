"""Knowing again what an earlier import brought in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable

COMMUNITY_USER = -1


def external(number: int) -> str:
    """The external id of something that has this number in a dump."""
    return f"se:{number}"


def keys_of(model: Any, numbers: Iterable[int | None]) -> dict[int, int]:
    """The primary keys of rows by their number in the dump, in one query."""
    wanted = {external(number): number for number in numbers if number is not None}
    rows = model.objects.filter(external_id__in=wanted).values_list("external_id", "pk")
    return {wanted[external_id]: key for external_id, key in rows}


def number(row: Row, name: str) -> int | None:
    """The number of another row that this one names, or None where it is missing or broken."""
    try:
        return row.optional_whole(name)
    except RowUnreadable:
        return None


def authorless(user: int | None) -> str:
    """Why nobody here is the author: what a dump says of the user with this number."""
    if user is None:
        return "without an author (the account is gone)"
    return "by the site's own community user" if user == COMMUNITY_USER else "by a user who is not in the dump"
