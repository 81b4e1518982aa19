"""A database whose clock is set by the test: its functions of time are found before PostgreSQL's own.

Only what connects afterwards sees it. It can be changed at any moment, in either direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from django.db import connections
from psycopg import sql

from tests.faults.world import World

FUNCTIONS = ("now", "transaction_timestamp", "statement_timestamp", "clock_timestamp")
_INSTALL = """
CREATE SCHEMA faked;
CREATE TABLE faked.clock (shift interval NOT NULL);
INSERT INTO faked.clock VALUES ('0');
GRANT USAGE ON SCHEMA faked TO public;
GRANT SELECT ON faked.clock TO public;
"""
_FUNCTION = """
CREATE FUNCTION faked.{name}() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL UNSAFE
AS 'SELECT pg_catalog.{name}() + shift FROM faked.clock'
"""


class Clock:
    """The clock of a world's database."""

    def __init__(self, world: World) -> None:
        self._world = world

    def shift(self, seconds: float) -> None:
        """Be so many seconds ahead of the truth from now on; negative is behind."""
        self._world.run("UPDATE faked.clock SET shift = make_interval(secs => %(seconds)s)", {"seconds": seconds})

    def set(self, instant: datetime) -> None:
        """Be at that instant now, and go on from there."""
        self._world.run(
            "UPDATE faked.clock SET shift = %(instant)s - pg_catalog.clock_timestamp()", {"instant": instant}
        )


@contextmanager
def faked_clock(world: World) -> Iterator[Clock]:
    """The clock, until the end of the block."""
    with world.owner() as owner:
        owner.execute(_INSTALL)
        for name in FUNCTIONS:
            owner.execute(sql.SQL(_FUNCTION.format(name=name)))  # type: ignore[arg-type]
        _search(owner, sql.SQL("SET search_path = faked, public, pg_catalog"))
    connections.close_all()
    try:
        yield Clock(world)
    finally:
        world.processes.close()
        connections.close_all()
        with world.owner() as owner:
            _search(owner, sql.SQL("RESET search_path"))
            owner.execute("SET search_path = public; DROP SCHEMA faked CASCADE")


def _search(owner: psycopg.Connection, change: sql.SQL) -> None:
    name = sql.Identifier(owner.info.dbname)
    owner.execute(sql.SQL("ALTER DATABASE {} {}").format(name, change))
