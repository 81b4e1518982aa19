"""Filters for messages to people."""

from __future__ import annotations

from typing import Any, Final

from apps_engine.language.bounds import RESULT_CHARACTERS
from apps_engine.language.errors import MissingValue
from apps_engine.language.filters.record import Filter
from apps_engine.language.kinds import Kind
from apps_engine.language.rendering import result_too_long, to_text

TEXT, LIST, OBJECT = Kind.TEXT, Kind.LIST, Kind.OBJECT

_NAMES: Final = ("display_name", "name")


def _bullet_list(items: list[Any]) -> str:
    return _lines(items, ["- "] * len(items))


def _numbered_list(items: list[Any]) -> str:
    return _lines(items, [f"{number}. " for number in range(1, len(items) + 1)])


def _lines(items: list[Any], marks: list[str]) -> str:
    lines = []
    size = 0
    for index, (mark, item) in enumerate(zip(marks, items, strict=True)):
        lines.append(mark + to_text(item, f"[{index}]"))
        size += len(lines[-1]) + 1
        if size > RESULT_CHARACTERS:
            raise result_too_long()
    return "\n".join(lines)


def _mention(who: Any) -> str:
    """An at sign and the name in one line; a name cannot bring an at sign or a line of its own."""
    name = who
    if isinstance(who, dict):
        name = next((who[key] for key in _NAMES if who.get(key)), None)
        if name is None:
            raise MissingValue(".display_name", hint="Mention a member, or a name as text.")
    return f"@{' '.join(to_text(name, '.display_name').replace('@', ' ').split())}"


def _mask_email(address: str) -> str:
    """Enough to recognise one's own address, too little to learn another's."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}***{at}{domain}" if at else "***"


FILTERS: Final = (
    Filter(
        "bullet_list",
        "chat",
        (LIST,),
        (),
        TEXT,
        "One line for each item, with a dash.",
        ("{{ xs | bullet_list }}", {"xs": ["tea", "cake"]}, "- tea\n- cake"),
        _bullet_list,
    ),
    Filter(
        "numbered_list",
        "chat",
        (LIST,),
        (),
        TEXT,
        "One line for each item, with its number.",
        ("{{ xs | numbered_list }}", {"xs": ["tea", "cake"]}, "1. tea\n2. cake"),
        _numbered_list,
    ),
    Filter(
        "mention",
        "chat",
        (OBJECT, TEXT),
        (),
        TEXT,
        "The name of a member with an at sign before it.",
        ("{{ member | mention }}", {"member": {"display_name": "Ada Lovelace"}}, "@Ada Lovelace"),
        _mention,
    ),
    Filter(
        "mask_email",
        "chat",
        (TEXT,),
        (),
        TEXT,
        "An address of which only the first letter and the domain can be read.",
        ("{{ email | mask_email }}", {"email": "ada@acme.com"}, "a***@acme.com"),
        _mask_email,
    ),
)
