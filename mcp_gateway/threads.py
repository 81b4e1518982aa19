"""Synchronous work from the asynchronous edge, without leaving a database connection behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_thread(body: Callable[Parameters, Result], *args: Parameters.args, **options: Parameters.kwargs) -> Result:
    """What `body` returns or raises. Its thread's connections go back to the pool: nothing closes them later."""
    result: Result = await sync_to_async(_then_disconnect)(body, *args, **options)
    return result


def _then_disconnect(body: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return body(*args, **options)
    finally:
        connections.close_all()
