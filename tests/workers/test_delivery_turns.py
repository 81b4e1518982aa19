"""Mail leaves the workers that make runs room for them (RUN-01)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.signals import connection_created

from decommerce.community.models import MessageState
from tests.waiting import until
from workers.delivery import take_turn
from workers.sessions import end_silent_sessions

pytestmark = pytest.mark.requirement("RUN-01")


@pytest.fixture
def hints(redis):
    """How many hints to deliver wait; none at first."""
    queue = f"{settings.QUEUE_NAMESPACE}:delivery"
    redis.delete(queue)
    yield lambda: redis.llen(queue)
    redis.delete(queue)


@pytest.fixture
def delivering_elsewhere(owner_connection):
    """Another process of this worker is at it."""
    name = [f"decommerce.delivery of {socket.gethostname()}:{os.getppid()}"]
    owner_connection.execute("SELECT pg_advisory_lock(hashtext(%s))", name)
    yield
    owner_connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", name)


def test_what_a_turn_leaves_is_hinted_anew(mail_server, queue_mail, hints, monkeypatch):
    monkeypatch.setattr("workers.delivery.TURN_SECONDS", 0.02)
    for number in range(100):
        queue_mail(f"key {number}")
    take_turn()
    assert len(mail_server.received) < 100
    assert hints() == 1


def test_when_nothing_is_left_nothing_is_hinted(mail_server, queue_mail, message, hints):
    queued = queue_mail()
    take_turn()
    assert message(queued).state == MessageState.SENT
    assert hints() == 0


def test_one_process_of_a_worker_that_makes_runs_delivers_at_a_time(
    mail_server, queue_mail, message, hints, delivering_elsewhere
):
    queued = queue_mail()
    take_turn()
    assert message(queued).state == MessageState.QUEUED
    assert hints() == 0, "who is at it sees to it"


def test_all_processes_of_a_worker_that_makes_no_runs_deliver(
    mail_server, queue_mail, message, delivering_elsewhere, monkeypatch
):
    monkeypatch.setattr(current_app.amqp.queues, "_consume_from", {"delivery": None, "maintenance": None})
    queued = queue_mail()
    take_turn()
    assert message(queued).state == MessageState.SENT


@pytest.fixture
def turn(mail_server):
    """A process in its turn, as long as the mail server says nothing to its letter; used as a context."""

    def deliver() -> None:
        try:
            take_turn()
        finally:
            connections.close_all()

    @contextmanager
    def deliver_elsewhere() -> Iterator[Future[None]]:
        mail_server.hold.set()
        with ThreadPoolExecutor(1) as threads:
            future = threads.submit(deliver)
            try:
                until(lambda: mail_server.received, "the server has the message and says nothing")
                yield future
            finally:
                mail_server.hold.clear()

    return deliver_elsewhere


@pytest.fixture
def silent_for(owner_connection):
    """How many seconds the one in its turn has said nothing to the database; None where nobody is in a turn."""
    held = """
        SELECT EXTRACT(epoch FROM clock_timestamp() - state_change) FROM pg_stat_activity JOIN pg_locks USING (pid)
        WHERE locktype = 'advisory' AND datname = current_database() AND state = 'idle in transaction'
    """

    def ask() -> float | None:
        found = owner_connection.execute(held).fetchone()
        return found and float(found[0])

    return ask


@pytest.fixture
def short_silences(settings):
    """Sessions that are made here end when they say nothing for a moment in the middle of a transaction."""
    settings.SILENT_SECONDS = 0.2
    connections.close_all()
    end_silent_sessions()
    yield
    connection_created.disconnect(dispatch_uid="workers.sessions")
    connections.close_all()


def test_a_mail_server_that_takes_longer_than_a_session_may_be_silent_takes_one_process_only(
    mail_server, queue_mail, message, hints, turn, silent_for, short_silences
):
    first, second = queue_mail("first"), queue_mail("second")
    with turn() as slow:
        until(lambda: (silent_for() or 2) > 1, "it is silent for longer")
        assert silent_for(), "the turn is still its own"
        take_turn()
        assert message(second).state == MessageState.QUEUED
    slow.result()
    assert message(first).state == MessageState.SENT
    assert hints() == 1, "for the second one"


@pytest.mark.requirement("RUN-05")
def test_a_process_that_is_frozen_while_it_delivers_loses_its_turn_with_the_lease_of_its_letter(
    queue_mail, message, turn, silent_for, monkeypatch
):
    first = queue_mail("first")

    def is_settled_by_another() -> bool:
        take_turn()
        return message(first).state == MessageState.UNKNOWN

    monkeypatch.setattr("workers.delivery.LEASE", timedelta(seconds=0.5))
    with turn() as frozen:
        until(lambda: silent_for() is None, "the turn is anybody's")
        until(is_settled_by_another, "nobody knows of it")
    assert isinstance(frozen.exception(), DatabaseError)
