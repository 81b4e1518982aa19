"""Where a fault lies in a text, in words for messages."""

from __future__ import annotations

from typing import Final

_SHOWN: Final = 24


def place_of(source: str, position: int) -> str:
    """The character, counted from 1, and what stands there: "character 8: `uper }}`"; its line where there are more."""
    line = source.count("\n", 0, position) + 1
    column = position - source.rfind("\n", 0, position)
    where = f"character {column}" if "\n" not in source else f"line {line}, character {column}"
    rest = source[position:].partition("\n")[0]
    if not rest.strip():
        return f"{where}, at the end" if position + len(rest) >= len(source) else f"{where}, at the end of the line"
    shown = rest[:_SHOWN].rstrip() + ("…" if len(rest) > _SHOWN else "")
    return f"{where}: `{shown.encode(errors='replace').decode()}`"


def with_place(message: str, place: str) -> str:
    """A message that ends with where the fault lies."""
    return f"{message.removesuffix('.')} ({place})."
