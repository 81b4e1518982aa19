"""Synchronous work of one request, in a thread and so with a database connection of its own.

A session outlives the request that opened it, so the thread belongs to the work at hand and not to the request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import ThreadSensitiveContext

from decommerce.tenancy.principal import Principal
from decommerce.tenancy.threads import in_tenant, in_thread

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_own_thread(
    body: Callable[Parameters, Result], *args: Parameters.args, **options: Parameters.kwargs
) -> Result:
    """What `body` returns or raises."""
    async with ThreadSensitiveContext():
        return await in_thread(body, *args, **options)


async def in_own_tenant(
    principal: Principal, body: Callable[Parameters, Result], *args: Parameters.args, **options: Parameters.kwargs
) -> Result:
    """The same in one transaction of the principal's tenant, because of the principal."""
    async with ThreadSensitiveContext():
        return await in_tenant(principal, body, *args, **options)
