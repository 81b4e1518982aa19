"""Fencing what members, customers and strangers wrote, so that it arrives as data (SEC-06).

A piece stands between tags that bear a random code, as JSON in which the marks of tags and invisible characters are
escaped: nothing in it can end the fence or hide in it, and nobody who wrote it could know the code.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from decommerce.community.exact_json import dumps
from decommerce.intelligence.port import Material

# Marks of tags, separators of lines, and the invisible: directions, joiners, byte order marks, the tags of Unicode.
_HIDDEN = re.compile("[<>\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


def fenced(material: Iterable[Material]) -> str:
    """The pieces as text, each in its fence; the code is new for each text."""
    code = secrets.token_hex(8)
    pieces = [
        f"<material-{code} label={_escaped(piece.label)}>\n{_escaped(piece.value)}\n</material-{code}>"
        for piece in material
    ]
    return "\n\n".join((f"The code of this material is {code}.", *pieces))


def _escaped(value: object) -> str:
    """JSON text in which no tag can begin or end; a reader of JSON reads the same value."""
    return _HIDDEN.sub(_escape, dumps(value))


def _escape(mark: re.Match[str]) -> str:
    units = mark[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
