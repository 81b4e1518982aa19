"""What a browser is shown: small JSON, since a push holds no more than 4096 bytes."""

from __future__ import annotations

from bisect import bisect_right

from decommerce.community.exact_json import dumps
from decommerce.push.encryption import MAX_PAYLOAD

# A longer link is left out: half of one leads nowhere.
MAX_LINK_BYTES = 2_048
_CUT = "…"


def payload(title: str, text: str, link: str, tag: str) -> bytes:
    """The JSON that `push_worker.js` reads, with the text cut to what fits; a title has at most 200 characters.

    `tag` lets a repetition replace the first showing.
    """
    shown = {"title": title, "body": "", "link": link if _size(link) <= MAX_LINK_BYTES else "", "tag": tag}
    return dumps({**shown, "body": _fitting(text, MAX_PAYLOAD - len(dumps(shown).encode()))}).encode()


def _fitting(text: str, room: int) -> str:
    if _size(text) <= room:
        return text
    kept = bisect_right(range(len(text)), room, key=lambda length: _size(text[:length] + _CUT)) - 1
    return text[:kept].rstrip() + _CUT if kept >= 0 else ""


def _size(text: str) -> int:
    """Bytes of the text in JSON, without the quotes."""
    return len(dumps(text).encode()) - 2
