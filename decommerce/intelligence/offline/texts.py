"""The readable text of a JSON value: what people wrote, without ids, addresses and markup."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

import re2

MAX_CHARACTERS = 50_000

_TAG = re2.compile(r"<[/!]?[a-zA-Z][^<>]{0,1000}>")
_BLOCK = re2.compile(r"(?i)</?(p|br|li|ul|ol|div|h[1-6]|pre|blockquote|tr)\b[^<>]{0,1000}>")
_MACHINE = re2.compile(
    r"^(\d{4}-\d\d-\d\d[T ][\d:.]+\S*|[^\s@]+@[^\s@]+\.\w+|https?://\S+|[0-9a-fA-F-]{16,}|[\d.,:/+ -]+)$"
)
_SKIPPED = re2.compile(r"(^|_)(id|ids|url|uri|href|email|avatar|slug|token|key|uuid|status|role|type|timezone)$")


def text_of(value: Any) -> str:
    """All readable texts of a value, one a line, without markup; at most 50,000 characters."""
    found: list[str] = []
    room = MAX_CHARACTERS
    for text in _texts(value):
        found.append(plain_text(text[:room]))
        room -= len(text) + 1
        if room <= 0:
            break
    return "\n".join(plain for plain in found if plain)


def plain_text(text: str) -> str:
    """A text without HTML, its lines kept apart."""
    if "<" in text:
        text = _TAG.sub("", _BLOCK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def is_for_machines(name: str, value: Any) -> bool:
    """Whether a member is an id, an address, a date or a state, and nothing that people wrote."""
    return bool(_SKIPPED.search(name.lower())) or (isinstance(value, str) and bool(_MACHINE.match(value)))


def first_line(text: str, most: int) -> str:
    """The first line, cut between words."""
    return cut(text.partition("\n")[0], most)


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, cut between words, with an ellipsis where something is missing."""
    if len(text) <= most:
        return text
    if most < 2:
        return text[:most]
    head = text[: most - 1]
    space = head.rfind(" ")
    return head[: space if space > most // 2 else most - 1].rstrip(" ,;:-") + "…"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not _MACHINE.match(value):
            yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if not (isinstance(part, str) and _SKIPPED.search(name.lower())):
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
