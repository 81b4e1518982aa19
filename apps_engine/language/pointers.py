"""JSON Pointers (RFC 6901): how a problem says where it is."""

from __future__ import annotations

from typing import Any


def join(pointer: str, *tokens: str | int) -> str:
    """The pointer to a member or element below `pointer`."""
    for token in tokens:
        pointer = f"{pointer}/{token if isinstance(token, int) else _escape(token)}"
    return pointer


def parent(pointer: str) -> str:
    """The pointer to what holds it; of the whole document, the document."""
    return pointer.rpartition("/")[0]


def existing(document: Any, pointer: str) -> str:
    """The longest beginning of the pointer that leads somewhere in the document."""
    reached, holder = "", document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(holder, dict) and key in holder:
            holder = holder[key]
        elif isinstance(holder, list) and key.isdecimal() and int(key) < len(holder):
            holder = holder[int(key)]
        else:
            break
        reached += f"/{token}"
    return reached


def _escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token
