"""The text of HTML, in time linear in its length whatever it holds."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_TAG: Final = re.compile(r"<(?:!--|[!?]|/?([a-zA-Z][a-zA-Z0-9]*))")
_SILENCE_ENDS: Final = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style")}
_BREAKS: Final = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})


def strip_html(text: str) -> str:
    """Without tags, comments, scripts and styles; blocks end a line and entities become their characters."""
    parts: list[str] = []
    position = 0
    while tag := _TAG.search(text, position):
        parts.append(text[position : tag.start()])
        name = (tag[1] or "").lower()
        if name in _BREAKS:
            parts.append("\n")
        closing = "-->" if tag[0] == "<!--" else ">"
        end = text.find(closing, tag.end())
        if end < 0:
            position = len(text)
            break
        position = end + len(closing)
        if name in _SILENCE_ENDS and text[tag.start() + 1] != "/":
            silence = _SILENCE_ENDS[name].search(text, position)
            position = silence.start() if silence else len(text)
    parts.append(text[position:])
    lines = (" ".join(line.split()) for line in _unescape("".join(parts)).splitlines())
    return "\n".join(line for line in lines if line)


def _unescape(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # a numeric entity of more digits than Python converts; no character has such a number
        return text
