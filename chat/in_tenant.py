"""Synchronous work in a tenant's scope, from the asynchronous views that stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_tenant(
    principal: Principal, body: Callable[Parameters, Result], *args: Parameters.args, **options: Parameters.kwargs
) -> Result:
    """What `body` returns or raises, run in one transaction of the principal's tenant and because of the principal.

    The thread's connection goes back to the pool afterwards: a stream may last minutes and must not hold one.
    """

    def scoped() -> Result:
        try:
            with tenant_scope(principal.tenant_id), caused_by(Cause(principal)):
                return body(*args, **options)
        finally:
            connections.close_all()

    return await sync_to_async(scoped)()
