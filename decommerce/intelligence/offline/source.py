"""What there is to read: the value itself, its text, and the facts found in it once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from decommerce.intelligence.offline import facts
from decommerce.intelligence.offline.texts import text_of

MOST_ROWS = 1_000
MOST_MEMBERS = 1_000
_LIST_DEPTH = 3
_KEY_DEPTH = 4
# How a row names itself, best first.
TITLES = ("subject", "title", "name", "display_name", "label", "summary", "text", "body", "snippet", "content")


class Source:
    """The material of one request, or one item of a list in it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @cached_property
    def text(self) -> str:
        """The readable text."""
        return text_of(self.value)

    @cached_property
    def everything(self) -> str:
        """The text with addresses, dates and ids: what facts are looked for in."""
        return "\n".join(_all_texts(self.value))[:50_000]

    @cached_property
    def labelled(self) -> Mapping[str, str]:
        """The values of lines such as `Destination: Rome`."""
        return facts.labelled(self.everything)

    @cached_property
    def rows(self) -> Sequence[Any]:
        """The list that the material is, or holds nearest to the top; empty where there is none."""
        return _rows(self.value, _LIST_DEPTH)[:MOST_ROWS]

    @cached_property
    def keyed(self) -> Mapping[str, Any]:
        """Every member of the objects in the material by its name, those nearest to the top first."""
        found: dict[str, Any] = {}
        level = [self.value]
        for _ in range(_KEY_DEPTH):
            held: list[Any] = []
            for value in level:
                if isinstance(value, Mapping):
                    for name, part in islice(value.items(), MOST_MEMBERS):
                        found.setdefault(facts.key_of(name), part)
                        held.append(part)
            level = held
        return found

    @property
    def title(self) -> str:
        """How the material names itself."""
        if isinstance(self.value, str):
            return self.value
        named = (self.keyed.get(name) for name in TITLES)
        return next((name for name in named if isinstance(name, str) and name.strip()), self.text)


def _rows(value: Any, depth: int) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping) or depth == 0:
        return ()
    lists = [part for part in value.values() if isinstance(part, list) and part]
    if lists:
        return max(lists, key=len)
    return next((rows for part in value.values() if (rows := _rows(part, depth - 1))), ())


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            # As a labelled line, so that a member and a written line are found alike.
            if isinstance(part, str | int) and not isinstance(part, bool):
                yield f"{name}: {part}"
            else:
                yield from _all_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_texts(part)
    elif value is not None:
        yield str(value)
