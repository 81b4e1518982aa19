"""Synchronous work from the asynchronous edges, without leaving a database connection behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_thread(body: Callable[Parameters, Result], *args: Parameters.args, **options: Parameters.kwargs) -> Result:
    """What `body` returns or raises. Its thread's connections go back to the pool: nothing closes them later."""
    result: Result = await sync_to_async(_then_disconnect)(body, *args, **options)
    return result


async def in_tenant(
    principal: Principal, body: Callable[Parameters, Result], *args: Parameters.args, **options: Parameters.kwargs
) -> Result:
    """The same in one transaction of the principal's tenant, because of the principal.

    A stream may last minutes; it holds a connection only while it is in here.
    """

    def scoped() -> Result:
        with tenant_scope(principal.tenant_id), caused_by(Cause(principal)):
            return body(*args, **options)

    return await in_thread(scoped)


def _then_disconnect(body: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return body(*args, **options)
    finally:
        connections.close_all()
