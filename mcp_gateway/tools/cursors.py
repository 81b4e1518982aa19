"""Cursors of lists: where the next page begins, and of which question. They are opaque, and no secret."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from apps_engine.language.jsontext import dumps
from apps_engine.language.problems import Problem
from mcp_gateway.tools.tool import ArgumentsRefused

LONGEST = 200
FURTHEST = 10**12
# Of lists that are read from their beginning.
DEEPEST = 5_000


def next_cursor(position: int, question: Mapping[str, Any]) -> str:
    """The cursor of a page that begins at `position` of what `question` finds."""
    text = json.dumps([position, _digest(question)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str | None, question: Mapping[str, Any]) -> int | None:
    """Where the page begins, None for the first; raises ArgumentsRefused for a cursor of another question."""
    if cursor is None:
        return None
    try:
        position, digest = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError):
        position, digest = None, ""
    if type(position) is not int or not 0 <= position <= FURTHEST or digest != _digest(question):
        message = "This cursor is none of this question."
        hint = "Pass next_cursor on as it came, with the same other arguments; or begin without a cursor."
        raise ArgumentsRefused([Problem("/cursor", "bad_cursor", message, hint)])
    return position


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list that is newest first: what comes new while one reads shifts it, so a row may come twice."""

    begins: int
    limit: int
    question: Mapping[str, Any]

    @property
    def reach(self) -> int:
        """How much of the list has to be read to know whether there is more."""
        return self.begins + self.limit + 1

    def answer(self, name: str, found: Sequence[Any], told: Callable[[Any], Any]) -> dict[str, Any]:
        """The page of a list that was read so far, each of its rows as `told`."""
        rows = list(found[self.begins : self.reach])
        more = len(rows) > self.limit
        cursor = next_cursor(self.begins + self.limit, self.question) if more else None
        return {name: [told(row) for row in rows[: self.limit]], "next_cursor": cursor}


def page_of(given: BaseModel) -> Page:
    """The page that the arguments `limit` and `cursor` ask for; the others are the question."""
    question = given.model_dump(mode="json", exclude={"limit", "cursor"})
    begins = position_of(given.cursor, question) or 0  # type: ignore[attr-defined]
    if begins > DEEPEST:
        hint = "Narrow the list by another argument."
        raise ArgumentsRefused([Problem("/cursor", "too_deep", f"Lists are read up to {DEEPEST} rows.", hint)])
    return Page(begins, given.limit, question)  # type: ignore[attr-defined]


def _digest(question: Mapping[str, Any]) -> str:
    return hashlib.sha256(dumps(question, sort_keys=True).encode()).hexdigest()[:12]
