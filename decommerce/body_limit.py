"""The most that a request may bring, whoever sends it and wherever to (SEC-03).

Django's ASGI handler writes a whole body to disk before it looks at the address, the cookie or the key, so the bound
stands before it. What an address accepts is less, and says so in its own words.
"""

from __future__ import annotations

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Above the largest that any address takes: 5 MiB from a shop.
MOST_BYTES = 8 * 1024 * 1024
_PROBLEM = json.dumps(
    {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "detail": f"The body has more than {MOST_BYTES // 1024} KiB.",
        "code": "body_too_large",
        "hint": "Send less at once.",
        "retryable": False,
    }
).encode()


def limit_bodies(application: ASGIApp) -> ASGIApp:
    """The application, for requests whose body is not too large; the others are answered with 413."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
        elif _declared(scope) > MOST_BYTES:
            await _refuse(send)
        else:
            await _Exchange(receive, send).run(application, scope)

    return limited


class _Exchange:
    """One request whose length nobody promised: counted while it arrives."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._taken = 0
        self._answered = False

    async def run(self, application: ASGIApp, scope: Scope) -> None:
        await application(scope, self.receive, self.send)
        if self._is_over() and not self._answered:
            await _refuse(self._send)

    async def receive(self) -> Message:
        """The next part; at the bound, the client is gone as far as the application knows."""
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self._is_over() else message

    async def send(self, message: Message) -> None:
        self._answered = True
        await self._send(message)

    def _is_over(self) -> bool:
        return self._taken > MOST_BYTES


def _declared(scope: Scope) -> int:
    """The promised length; 0 where there is none, and the server has refused what is no number."""
    text = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(text) if text.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(_PROBLEM)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _PROBLEM})
