"""The provider's bytes, as long as the deadline of the call that reads them has not passed.

The SDK swallows the pings of a stream, so whoever iterates its events is never woken by them, and a timeout of the
transport begins anew with each: a stream that only pings would last for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx2
from anthropic import DefaultHttpxClient

from decommerce.intelligence.deadline import Deadline

_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def bounded_by(deadline: Deadline) -> Iterator[None]:
    """Inside, reading from a client of `bounded_client` ends at the deadline, with ModelTimedOut."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def bounded_client() -> DefaultHttpxClient:
    """The SDK's own HTTP client, whose answers look at the deadline with every piece."""
    return DefaultHttpxClient(event_hooks={"response": [_bound]})


def _bound(response: httpx2.Response) -> None:
    deadline = _deadline.get()
    if deadline is not None and isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _BoundedStream(response.stream, deadline)


class _BoundedStream(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            self._deadline.remaining()
            yield piece

    def close(self) -> None:
        self._stream.close()
