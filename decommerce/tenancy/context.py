"""The tenant of the work at hand: a transaction-local setting that row level security reads, and a context variable.

The setting lives and dies with the transaction (SET LOCAL), so a pooled connection carries nothing over. After the
transaction it is '' and not NULL, which is why policies compare with NULLIF.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from decommerce.failpoints import reached
from decommerce.pipelining import pipelined
from decommerce.tenancy.errors import PlatformError

_tenant: ContextVar[int | None] = ContextVar("tenant", default=None)


class NoTenant(PlatformError):
    """Tenant data was asked for outside `tenant_scope`. This is a fault of the program, never of its user."""

    code = "no_tenant"
    status = 500


def current_tenant_id() -> int:
    """The tenant in scope; raises NoTenant where there is none."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise NoTenant("No tenant is in scope.", hint="Enter tenant_scope(tenant_id) at the edge.")
    return tenant_id


def tenant_in_scope() -> int | None:
    """The tenant in scope, None where there is none: for telling, never for asking the database."""
    return _tenant.get()


def set_local(name: str, value: str) -> None:
    """Set `app.<name>` until the end of the current transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])


@contextmanager
def tenant_scope(tenant_id: int, boundary: str = "", patience: float | None = None) -> Iterator[None]:
    """One transaction in which exactly one tenant's rows exist (SEC-01).

    Inside a scope of the same tenant it adds a savepoint only; inside another tenant's it refuses. A hook that runs
    after the commit is inside no transaction any more, so its scope is a new one. `boundary` names the commit at the
    end of an outermost scope among the failpoints; `patience` is how many seconds a statement waits for a lock there.
    """
    outer = _tenant.get()
    if outer is not None and connection.in_atomic_block:
        if outer != tenant_id:
            raise NoTenant("A tenant scope cannot hold another tenant's.", hint="Leave the first scope before.")
        with transaction.atomic():
            yield
        return
    token = _tenant.set(tenant_id)
    try:
        with transaction.atomic():
            # BEGIN goes with it.
            with pipelined():
                _enter(tenant_id, patience)
            yield
            if boundary:
                reached(f"{boundary}.committing")
        if boundary:
            reached(f"{boundary}.committed")
    finally:
        _tenant.reset(token)


def _enter(tenant_id: int, patience: float | None) -> None:
    if patience is None:
        set_local("tenant_id", str(tenant_id))
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.tenant_id', %s, true), set_config('lock_timeout', %s, true)",
            [str(tenant_id), f"{patience * 1000:.0f}ms"],
        )


@contextmanager
def locator_scope(name: str, value: str) -> Iterator[None]:
    """One transaction that may see the single row which `value` proves knowledge of, before its tenant is known.

    Used to find an API key by its digest, a membership by its user, a shop by its secret address.
    """
    with transaction.atomic():
        with pipelined():
            set_local(name, value)
        yield
        set_local(name, "")
