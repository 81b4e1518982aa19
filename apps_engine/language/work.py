"""How much the filters of one template go over, so that a chain over long lists ends before it takes long (SEC-03).

The count is of the thread that renders: it starts anew with each template, and what takes no longer for a longer value
is not counted. So the same template with the same values always ends in the same way.
"""

from __future__ import annotations

from threading import local
from typing import Final

from apps_engine.language.bounds import ITEMS_VISITED, VALUES_COMPARED_BY_ROWS
from apps_engine.language.errors import BoundExceeded

CHARACTERS_PER_ITEM: Final = 64


class _Work(local):
    left = ITEMS_VISITED
    # Values inside lists and objects that were ever compared; it only grows.
    compared = 0


WORK: Final = _Work()


def begin() -> None:
    """Start counting for another template."""
    WORK.left = ITEMS_VISITED


def compared_since(start: int) -> None:
    """Raise BoundExceeded where, since the count was `start`, more values were compared than rows may."""
    if WORK.compared - start > VALUES_COMPARED_BY_ROWS:
        raise BoundExceeded(
            "too_much_work",
            f"More than {VALUES_COMPARED_BY_ROWS:,} values inside lists and objects would be compared for all rows.",
            "Compare a field of them, or fewer rows.",
        )


def visit(items: int) -> None:
    """Count items that are gone over; raises BoundExceeded (`too_much_work`) beyond the bound."""
    WORK.left -= items
    if WORK.left < 0:
        raise BoundExceeded(
            "too_much_work",
            f"The filters of one text go over more than {ITEMS_VISITED:,} items in all.",
            "Compute a part of it in a step of its own.",
        )
