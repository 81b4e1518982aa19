"""Several reads in one request, which Google answers part by part.

https://developers.google.com/workspace/gmail/api/guides/batch
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from email.parser import BytesParser
from email.policy import HTTP

from decommerce.outgoing.json_api import Answer
from decommerce.outgoing.request import OutgoingRequest

_ID = "item-"


def batch_request(url: str, targets: Sequence[str], max_bytes: int) -> OutgoingRequest:
    """One request for several GETs; a target is a path with its query."""
    boundary = f"batch_{secrets.token_hex(16)}"
    parts = (
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <{_ID}{place}>\r\n\r\n"
        f"GET {target} HTTP/1.1\r\nAccept: application/json\r\n\r\n"
        for place, target in enumerate(targets)
    )
    body = "".join(parts) + f"\r\n--{boundary}--\r\n"
    content_type = f"multipart/mixed; boundary={boundary}"
    return OutgoingRequest(url=url, headers={"Content-Type": content_type}, body=body.encode(), max_bytes=max_bytes)


def batch_answers(answer: Answer, count: int) -> list[Answer | None]:
    """The answers in the order of the targets, whatever their own; None for one that is not there."""
    head = f"Content-Type: {answer.headers.get('content-type', '')}\r\n\r\n".encode("latin-1")
    parts = BytesParser(policy=HTTP).parsebytes(head + answer.body)
    found: list[Answer | None] = [None] * count
    for part in parts.iter_parts() if parts.is_multipart() else ():
        place = str(part.get("Content-ID", "")).strip("<>").rpartition(_ID)[2]
        content = part.get_payload(decode=True)
        if place.isdecimal() and int(place) < count and isinstance(content, bytes):
            found[int(place)] = _answer(content)
    return found


def _answer(content: bytes) -> Answer | None:
    """One answer with its status line and headers (RFC 9112)."""
    head, _, body = content.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    code = status.split(" ")[1:2]
    if not code or not code[0].isdecimal():
        return None
    fields = (line.partition(":") for line in lines)
    return Answer(int(code[0]), {name.strip().lower(): value.strip() for name, _, value in fields}, body)
