"""Work that one process does at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

SCHEDULER = "scheduler"


@contextmanager
def alone(what: str) -> Iterator[bool]:
    """Whether nobody else is at it; as long as the block lasts nobody else begins. With its process the lock goes."""
    name = [f"decommerce.{what}"]
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", name)
        free = bool(cursor.fetchone()[0])
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", name)
