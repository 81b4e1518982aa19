"""Why a change happens: who acts, and which apps led to it.

Events carry the chain of apps on, so that no app triggers itself (TRG-12) and no chain grows past its limit (TRG-10).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from decommerce.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class Cause:
    """`chain` lists the ids of the apps that led here, oldest first, the acting app last."""

    principal: Principal | None = None
    app_id: int | None = None
    execution_id: int | None = None
    chain: tuple[int, ...] = ()


NOBODY = Cause()
_cause: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current_cause() -> Cause:
    """The cause of the work at hand; an empty one where nobody said."""
    return _cause.get() or NOBODY


@contextmanager
def caused_by(cause: Cause) -> Iterator[None]:
    """Everything inside happens because of `cause`."""
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)
