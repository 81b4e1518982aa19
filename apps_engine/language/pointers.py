"""JSON Pointers (RFC 6901): how a problem says where it is."""

from __future__ import annotations


def join(pointer: str, *tokens: str | int) -> str:
    """The pointer to a member or element below `pointer`."""
    return pointer + "".join(f"/{_escape(token)}" for token in tokens)


def parent(pointer: str) -> str:
    """The pointer to what holds it; of the whole document, the document."""
    return pointer.rpartition("/")[0]


def _escape(token: str | int) -> str:
    return str(token).replace("~", "~0").replace("/", "~1")
