"""Cursors of lists: the last row of the page before, and of which question. They are opaque, and no secret.

A row that comes or goes while somebody reads shifts nothing: the next page is what lies behind that row (keyset).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from apps_engine.language.jsontext import JsonTextError, dumps, loads
from apps_engine.language.problems import Problem
from mcp_gateway.tools.tool import ArgumentsRefused

LONGEST = 600
FURTHEST = 10**18
Position = tuple[Any, ...]


def next_cursor(position: Sequence[Any], question: Mapping[str, Any]) -> str:
    """The cursor of what lies behind a position, JSON scalars, of what `question` finds."""
    text = dumps([*position, _digest(question)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str | None, question: Mapping[str, Any], *kinds: type) -> Position | None:
    """Behind what the page begins, None for the first; raises ArgumentsRefused for a cursor of another question.

    With `kinds`, a position of these types; without, any scalars.
    """
    if cursor is None:
        return None
    try:
        *position, digest = loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (binascii.Error, ValueError, TypeError, JsonTextError):
        position, digest = [], ""
    fits = not kinds or tuple(map(type, position)) == kinds
    if digest != _digest(question) or not fits or not all(map(_is_scalar, position)):
        message = "This cursor is none of this question."
        hint = "Pass next_cursor on as it came, with the same other arguments; or begin without a cursor."
        raise ArgumentsRefused([Problem("/cursor", "bad_cursor", message, hint)])
    return tuple(position)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: what lies behind `after`, the position of a row, at most `limit` rows."""

    after: Position | None
    limit: int
    question: Mapping[str, Any]

    @property
    def reach(self) -> int:
        """How much has to be read to know whether there is more."""
        return self.limit + 1

    def answer(
        self, name: str, found: Sequence[Any], told: Callable[[Any], Any], position: Callable[[Any], Position]
    ) -> dict[str, Any]:
        """The page of what was found behind `after`, each row as `told`, found again by its `position`."""
        rows = list(found[: self.reach])
        page = rows[: self.limit]
        cursor = next_cursor(position(page[-1]), self.question) if len(rows) > self.limit else None
        return {name: [told(row) for row in page], "next_cursor": cursor}


def page_of(given: BaseModel, *kinds: type) -> Page:
    """The page that the arguments `limit` and `cursor` ask for, of positions of these types; the others are the
    question.
    """
    question = given.model_dump(mode="json", exclude={"limit", "cursor"})
    after = position_of(given.cursor, question, *kinds)  # type: ignore[attr-defined]
    return Page(after, given.limit, question)  # type: ignore[attr-defined]


def number_of(row: Any) -> Position:
    """The position in a list that is newest first: the row's number."""
    return (row.pk,)


def _is_scalar(value: Any) -> bool:
    if type(value) is int:
        return abs(value) <= FURTHEST
    return value is None or isinstance(value, str | bool | Decimal)


def _digest(question: Mapping[str, Any]) -> str:
    return hashlib.sha256(dumps(question, sort_keys=True).encode()).hexdigest()[:12]
