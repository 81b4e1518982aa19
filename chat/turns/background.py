"""Turns run beside the request that began them: a browser that goes away ends its stream, never the answer."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine

from asgiref.sync import ThreadSensitiveContext

_running: set[asyncio.Task[None]] = set()


def run_in_background(work: Coroutine[None, None, None]) -> None:
    """Start the work on this event loop, with a context and a thread of its own."""
    # The request's context ends with the request, and its thread with it.
    task = asyncio.get_running_loop().create_task(_with_own_thread(work), context=contextvars.Context())
    _running.add(task)
    task.add_done_callback(_running.discard)


async def _with_own_thread(work: Coroutine[None, None, None]) -> None:
    async with ThreadSensitiveContext():
        await work
