"""What a loop goes over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.kinds import Kind, described_kinds
from apps_engine.language.pointers import join
from apps_engine.language.static_types import UNKNOWN, Type
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.templates import Reader


def check_items(step: Mapping[str, Any], at: str, reader: Reader, review: Review) -> Type:
    """The type of the items' list; reports what is no list and what is longer than a loop may be."""
    source = step.get("each")
    if not isinstance(source, str | list):
        return UNKNOWN
    items = reader.value(source, join(at, "each"))
    most = review.limit("items_per_loop")
    longest = len(source) if isinstance(source, list) else items.most
    if items.kind not in (Kind.LIST, Kind.ANY):
        message = f"A loop goes over a list; this is {described_kinds((items.kind,))}."
        review.findings.add(
            join(at, "each"), "not_a_list", message, "Name the result of a fetch, or a list of an event."
        )
    elif longest == 0:
        review.findings.add(join(at, "each"), "unreachable_steps", "There is nothing to go over.", "Name a list.")
    elif most is not None and longest is not None and longest > most:
        message = f"There may be {longest:,} items; a run handles the first {most:,} and says so."
        review.findings.add(join(at, "each"), "limit_reached", message, "Set a `limit`, or narrow `where`.")
    return items
