"""Making several outside calls at once, from threads that end with them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from apps_engine.contracts import ActionContext, ExternalAction, Request, Response

MOST_AT_ONCE = 8


def send_all(
    plugin: ExternalAction, requests: Sequence[Request], context: ActionContext
) -> list[Response | BaseException]:
    """What became of each request, in order; returns when the last has ended."""
    with ThreadPoolExecutor(min(len(requests), MOST_AT_ONCE), "outside-call") as pool:
        futures = [pool.submit(_send, plugin, request, context) for request in requests]
    return [future.exception() or future.result() for future in futures]


def _send(plugin: ExternalAction, request: Request, context: ActionContext) -> Response:
    try:
        return plugin.send(request, context)
    finally:
        # A thread has connections of its own, which nobody else would close.
        connections.close_all()
