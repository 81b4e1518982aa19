"""Gmail, version 1: finding messages and reading them, one by one or in a batch."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote

from tests.google_server.wire import failure
from tests.wire_server import Asked, Reply, answer

MESSAGES = "/gmail/v1/users/me/messages"


def text_part(text: str, kind: str = "text/plain", charset: str = "utf-8", encoding: str = "utf-8") -> dict[str, Any]:
    """A part of a mail as Gmail gives it."""
    data = text.encode(encoding)
    return {
        "partId": "0",
        "mimeType": kind,
        "filename": "",
        "headers": [{"name": "Content-Type", "value": f'{kind}; charset="{charset}"'}],
        "body": {"size": len(data), "data": base64.urlsafe_b64encode(data).decode()},
    }


def multipart(kind: str, *parts: Mapping[str, Any]) -> dict[str, Any]:
    """A part that holds others."""
    return {"partId": "", "mimeType": f"multipart/{kind}", "filename": "", "body": {"size": 0}, "parts": list(parts)}


def attachment(name: str, kind: str = "application/pdf") -> dict[str, Any]:
    """A part whose content is fetched separately."""
    return {"partId": "1", "mimeType": kind, "filename": name, "body": {"attachmentId": "ANGjdJ8", "size": 48_213}}


@dataclass
class Message:
    """One message of the mailbox, its headers and its tree of parts."""

    id: str
    subject: str
    sender: str = "Bo <bo@example.com>"
    to: str = "ann@gmail.example"
    snippet: str = ""
    at: int = 1_795_251_600_000
    labels: list[str] = field(default_factory=lambda: ["UNREAD", "INBOX"])
    payload: dict[str, Any] = field(default_factory=lambda: text_part("Hello"))

    def resource(self, form: str) -> dict[str, Any]:
        """The message in the form `metadata` or `full`."""
        headers = [
            {"name": "From", "value": self.sender},
            {"name": "To", "value": self.to},
            {"name": "Subject", "value": self.subject},
        ]
        own = self.payload.get("headers", [])
        payload = {"mimeType": self.payload["mimeType"], "headers": headers}
        return {
            "id": self.id,
            "threadId": f"t{self.id}",
            "labelIds": self.labels,
            "snippet": self.snippet,
            "payload": payload if form == "metadata" else {**self.payload, "headers": [*own, *headers]},
            "sizeEstimate": 4_096,
            "historyId": "987654",
            "internalDate": str(self.at),
        }


class Mailbox:
    """A mailbox. `parts` scripts what becomes of single reads in a batch; a page has `page_size` messages."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.page_size = 500
        self.parts: dict[str, list[Reply]] = {}

    def handle(self, asked: Asked) -> Reply:
        """One request, which is allowed."""
        if asked.path == MESSAGES:
            return self._list(asked)
        return self._get(asked)

    def batch(self, asked: Asked, handle: Callable[[Asked], Reply]) -> Reply:
        """Each part is a request of its own; they are answered in another order."""
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        answers = []
        for part in BytesParser(policy=HTTP).parsebytes(head + asked.body).iter_parts():
            assert part.get_content_type() == "application/http"
            method, target = part.get_payload(decode=True).decode().split(" ")[:2]
            reply = handle(Asked(method, target, asked.headers))
            answers.append((part["Content-ID"].strip("<>"), reply))
        boundary = "batch_Zx8wK2oFQnE"
        body = b"".join(_answered(boundary, name, reply) for name, reply in reversed(answers))
        content_type = f"multipart/mixed; boundary={boundary}"
        return Reply(200, body + f"--{boundary}--\r\n".encode(), {"Content-Type": content_type})

    def _list(self, asked: Asked) -> Reply:
        found = [message for message in self.messages if _matches(message, asked.first("q"))]
        start = int(asked.first("pageToken", "0"))
        page = found[start : start + min(int(asked.first("maxResults", "100")), self.page_size)]
        if not page:
            return answer({"resultSizeEstimate": 0})
        rows = [{"id": message.id, "threadId": f"t{message.id}"} for message in page]
        more = {"nextPageToken": str(start + len(page))} if start + len(page) < len(found) else {}
        return answer({"messages": rows, "resultSizeEstimate": len(found), **more})

    def _get(self, asked: Asked) -> Reply:
        wanted = unquote(asked.path.removeprefix(f"{MESSAGES}/"))
        if self.parts.get(wanted):
            return self.parts[wanted].pop(0)
        for message in self.messages:
            if message.id == wanted:
                return answer(message.resource(asked.first("format", "full")))
        return failure(404, "notFound", "Requested entity was not found.")


def _answered(boundary: str, name: str, reply: Reply) -> bytes:
    head = "".join(f"{key}: {value}\r\n" for key, value in reply.headers.items())
    return (
        (
            f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <response-{name}>\r\n\r\n"
            f"HTTP/1.1 {reply.status} X\r\n{head}Content-Length: {len(reply.body)}\r\n\r\n"
        ).encode()
        + reply.body
        + b"\r\n"
    )


def _matches(message: Message, query: str) -> bool:
    """`is:unread`, `from:` and words; times are left out, since the tests' messages have none that passes."""
    for term in query.split():
        name, _, value = term.rpartition(":")
        text = {"from": message.sender, "subject": message.subject}.get(name, f"{message.subject} {message.sender}")
        if term == "is:unread" and "UNREAD" not in message.labels:
            return False
        if name not in {"is", "newer_than"} and not re.search(re.escape(value), text, re.IGNORECASE):
            return False
    return True
