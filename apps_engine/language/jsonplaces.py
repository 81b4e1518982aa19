"""Where in a JSON text something stands that the decoder refused without saying where."""

from __future__ import annotations

import json
import re
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)

_COLON: Final = re.compile(r"[ \t\r\n]*:")


def plain_offset(text: str, written: str) -> int | None:
    """Where a number or a word stands, outside of texts."""
    return next((match.start() for match in _TOKEN.finditer(text) if match[0] == written), None)


def text_offset(text: str, value: str) -> int | None:
    """Where a text of that value stands."""
    return next((match.start() for match in _TOKEN.finditer(text) if _reads(match[0], value)), None)


def repeated_key_offset(text: str, key: str) -> int | None:
    """Where a key stands for the second time in one object."""
    seen: list[bool] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in ("{", "["):
            seen.append(False)
        elif token in ("}", "]") and seen:
            seen.pop()
        elif seen and _reads(token, key) and _COLON.match(text, match.end()):
            if seen[-1]:
                return match.start()
            seen[-1] = True
    return None


def _reads(token: str, value: str) -> bool:
    """Whether a token is a text of that value."""
    if not token.startswith('"'):
        return False
    return bool(json.loads(token, strict=False) == value) if "\\" in token else token[1:-1] == value
