"""A walk over a JSON text as it is being written: complete or not, right or wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from apps_engine.language.pointers import join

# A text that was opened and not closed ends with its line.
_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[\[\]{}:,]|[^\s"\[\]{}:,]+')


@dataclass(slots=True)
class Holder:
    """An object or a list that the walk came upon.

    `members` has the plain values of an object by key, and None for those that hold others; `key` is the one at hand,
    None where a key is to come. `pointer` is its JSON Pointer (RFC 6901).
    """

    pointer: str
    is_object: bool
    members: dict[str, Any] = field(default_factory=dict)
    items: int = 0
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a position of the text lies: what holds it, from the outside in, and the token that it is in.

    `keys` has the key or the index in each holder; None in an object where a key is to come.
    The token goes from `start` to `end` and is empty between tokens.
    """

    holders: tuple[Holder, ...]
    keys: tuple[str | int | None, ...]
    start: int
    end: int


def place_at(text: str, position: int) -> Place:
    """The place of a position. What follows it is read too, so that its holders know all their members."""
    walk = _Walk()
    found: Place | None = None
    for match in _TOKEN.finditer(text):
        inside = match.start() < position <= match.end() and match[0] not in "[]{}:,"
        if found is None and (inside or match.start() >= position):
            start, end = match.span() if inside else (position, position)
            found = walk.place(start, end)
        walk.read(match[0])
    return found or walk.place(position, position)


def offsets(text: str) -> dict[str, int]:
    """Where each value stands, by its JSON Pointer; of a member, its key."""
    walk, found = _Walk(), {"": 0}
    for match in _TOKEN.finditer(text):
        pointer = walk.pointer(match[0])
        if pointer is not None:
            found.setdefault(pointer, match.start())
        walk.read(match[0])
    return found


def loosely(text: str) -> Any:
    """What the text says as far as it goes: what was opened is closed at its end, what has no value is left out."""
    builder = _Builder()
    for match in _TOKEN.finditer(text):
        builder.read(match[0])
    return builder.whole


class _Builder:
    """The value that tokens make, right or wrong."""

    def __init__(self) -> None:
        self.whole: Any = None
        self._stack: list[Any] = []
        self._keys: list[str | None] = []

    def read(self, written: str) -> None:
        """Take the next token."""
        if written in "}]":
            del self._stack[-1:], self._keys[-1:]
        elif written == "," and self._keys:
            self._keys[-1] = None
        elif written in ":,":
            return
        elif self._stack and isinstance(self._stack[-1], dict) and self._keys[-1] is None and written not in "{[":
            self._keys[-1] = str(_text(written))
        else:
            self._put({} if written == "{" else [] if written == "[" else _text(written))

    def _put(self, value: Any) -> None:
        holder = self._stack[-1] if self._stack else None
        if isinstance(holder, dict):
            holder[self._keys[-1] or ""] = value
        elif isinstance(holder, list):
            holder.append(value)
        elif self.whole is None:
            self.whole = value
        if isinstance(value, dict | list):
            self._stack.append(value)
            self._keys.append(None)


class _Walk:
    """The holders around the token at hand."""

    def __init__(self) -> None:
        self.holders: list[Holder] = []

    def place(self, start: int, end: int) -> Place:
        keys = (holder.key if holder.is_object else holder.items for holder in self.holders)
        return Place(tuple(self.holders), tuple(keys), start, end)

    def pointer(self, written: str) -> str | None:
        """What a token begins: a member by its key, or an item; None for anything else."""
        if not self.holders or written in "]}:,":
            return None
        holder = self.holders[-1]
        if not holder.is_object:
            return join(holder.pointer, holder.items)
        return join(holder.pointer, _text(written)) if holder.key is None and written.startswith('"') else None

    def read(self, written: str) -> None:
        holder = self.holders[-1] if self.holders else None
        if written in "{[":
            self._open(written, holder)
        elif written in "}]":
            if self.holders:
                self.holders.pop()
        elif holder is None or written == ":":
            return
        elif written == ",":
            holder.key = None
            holder.items += 1
        elif holder.is_object and holder.key is None:
            holder.key = _text(written)
            holder.members.setdefault(holder.key, None)
        elif holder.is_object and holder.key is not None:
            holder.members[holder.key] = _text(written)

    def _open(self, written: str, holder: Holder | None) -> None:
        pointer = ""
        if holder is not None:
            pointer = join(holder.pointer, (holder.key or "") if holder.is_object else holder.items)
        self.holders.append(Holder(pointer, written == "{"))


def _text(token: str) -> Any:
    """The value of a plain token; one that is not finished is what stands there."""
    try:
        return json.loads(token)
    except ValueError:
        return token.strip('"')
