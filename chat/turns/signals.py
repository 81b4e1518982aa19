"""A hint to whoever follows a conversation in this process that its record has changed.

The record is PostgreSQL's. A hint that reaches nobody loses nothing: followers also look by themselves.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

_listeners: defaultdict[int, set[asyncio.Event]] = defaultdict(set)


@contextmanager
def listening(conversation_id: int) -> Iterator[asyncio.Event]:
    """An event that is set at each change of the conversation; the listener clears it."""
    signal = asyncio.Event()
    _listeners[conversation_id].add(signal)
    try:
        yield signal
    finally:
        _listeners[conversation_id].discard(signal)
        if not _listeners[conversation_id]:
            del _listeners[conversation_id]


def announce(conversation_id: int) -> None:
    """Wake the followers. Call it from the event loop, after the commit."""
    for signal in _listeners.get(conversation_id, ()):
        signal.set()
