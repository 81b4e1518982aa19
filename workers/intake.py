"""Taking events in, whatever they are made of: what the database refuses is found one by one and put aside."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection, connections

from apps_engine.services.ingest import Ingested, bury, ingest
from apps_engine.store.claims import Claimed
from workers.messages import Letter

logger = logging.getLogger(__name__)
BATCH = 200
AWAY = (OperationalError, InterfaceError, InternalError)
# An answer that repeats itself is about the event: it took too long (57014), or is more than the database holds (54).
MOST_TRIES = 4
ABOUT_THE_EVENT = ("57014", "54")
# A connection that ends in the middle is about the database, be it there again at once. So often in a row it is not.
MOST_LOST = 12
# Somebody's lock is never about the event, however long it is held.
LOCKED = "55P03"
FIRST_WAIT, LONGEST_WAIT = 0.25, 10.0


class Interrupted(Exception):
    """We were told to stop while the database was away: nothing may be acknowledged."""


class Intake:
    """Writes events and dead letters. Waits for a database that is away, until `stopping` is set."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def take(self, envelopes: Sequence[Any], letters: Sequence[Letter], owner: str = "") -> list[Claimed]:
        """Returns once everything is committed, with the runs that `owner` is to make; raises Interrupted.

        Where there are such runs, it is on the disk only when a later commit is.
        """
        claimed: list[Claimed] = []
        for letter in letters:
            self._patiently(bury, letter.body, letter.code, letter.reason, letter.content_type)
            logger.warning("a message is no event (%s): %s", letter.code, letter.reason)
        for start in range(0, len(envelopes), BATCH):
            claimed = self._take(envelopes[start : start + BATCH], owner if len(envelopes) == 1 else "")
        return claimed

    def _take(self, envelopes: Sequence[Any], owner: str = "") -> list[Claimed]:
        try:
            ingested: Ingested = self._patiently(ingest, envelopes, owner)
        except Interrupted:
            raise
        except Exception as error:
            if len(envelopes) == 1:
                logger.exception("an event cannot be taken in; it is among the dead letters")
                self._patiently(bury, envelopes[0], "ingest_failed", f"{type(error).__name__}: {error}")
                return []
            logger.warning("a batch of %s events is taken in one by one: %s", len(envelopes), type(error).__name__)
            for envelope in envelopes:
                self._take([envelope])
            return []
        return ingested.claimed

    def _patiently(self, work: Any, *args: Any) -> Any:
        tries, wait = 0, FIRST_WAIT
        while True:
            try:
                done = work(*args)
            except AWAY as error:
                connections.close_all()
                tries += 1
                # What is put aside was refused before: nobody else would keep it.
                if work is not bury and tries >= _most_tries(error) and _database_answers():
                    raise
                if tries == 1:
                    told = type(error.__cause__ or error).__name__
                    logger.warning("events wait, the database does not take them: %s", told)
            else:
                if tries:
                    logger.info("the database takes events again")
                return done
            if self._stopping.wait(wait):
                raise Interrupted
            wait = min(wait * 2, LONGEST_WAIT)


def _most_tries(error: Exception) -> float:
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state == LOCKED:
        return math.inf
    return MOST_TRIES if state.startswith(ABOUT_THE_EVENT) else MOST_LOST


def _database_answers() -> bool:
    try:
        connection.ensure_connection()
    except AWAY:
        return False
    return True
