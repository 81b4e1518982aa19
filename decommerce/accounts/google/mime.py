"""The text of a mail, from the tree of MIME parts that Gmail gives (RFC 2046)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

MAX_DEPTH = 20
MAX_PARTS = 200
_TEXTS = ("text/plain", "text/html")

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailText:
    """One text of a mail, and whether it is HTML."""

    text: str
    is_html: bool


def texts_of(payload: Part) -> list[MailText]:
    """The texts that a reader shows, in order: of alternatives the plain one, and no attachment."""
    return _texts(payload, MAX_DEPTH)


def header_of(part: Part, name: str) -> str:
    """A header's value, "" where it is missing; names are not case-sensitive."""
    rows = (row for row in _list(part.get("headers")) if isinstance(row.get("value"), str))
    return next((row["value"] for row in rows if str(row.get("name", "")).lower() == name), "")


def _texts(part: Part, depth: int) -> list[MailText]:
    kind = str(part.get("mimeType") or "").lower()
    children = _list(part.get("parts"))[:MAX_PARTS]
    if children and depth:
        found = [_texts(child, depth - 1) for child in children]
        if kind != "multipart/alternative":
            return [text for texts in found for text in texts][:MAX_PARTS]
        filled = [texts for texts in found if any(text.text.strip() for text in texts)]
        plain = (texts for texts in filled if not all(text.is_html for text in texts))
        return next(plain, filled[0] if filled else [])
    if kind not in _TEXTS or part.get("filename") or children:
        return []
    return [MailText(_decoded(part), kind == "text/html")]


def _decoded(part: Part) -> str:
    """Gmail's base64url without the transfer encoding. It is UTF-8 most of the time, whatever the part declares."""
    body = part.get("body")
    data = str(body.get("data") or "") if isinstance(body, dict) else ""
    try:
        content = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return ""
    declared = Message()
    declared["Content-Type"] = header_of(part, "content-type") or "text/plain"
    for charset in ("utf-8", declared.get_content_charset("latin-1")):
        try:
            return content.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


def _list(value: object) -> list[Any]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
