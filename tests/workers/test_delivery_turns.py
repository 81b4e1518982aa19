"""Mail leaves the workers that make runs room for them (RUN-01)."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import current_app
from django.conf import settings
from django.db import connections

from decommerce.community.models import MessageState
from tests.waiting import until
from workers.delivery import take_turn

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


@pytest.mark.requirement("RUN-05")
def test_a_process_that_is_frozen_while_it_delivers_loses_its_turn_as_its_transaction_is_silent(
    mail_server, queue_mail, hints, owner_connection
):
    holders = """
        SELECT state FROM pg_stat_activity JOIN pg_locks USING (pid)
        WHERE locktype = 'advisory' AND datname = current_database()
    """
    mail_server.hold.set()
    queue_mail()

    def deliver() -> None:
        try:
            take_turn()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        turn = threads.submit(deliver)
        until(lambda: mail_server.received, "the server has the message and says nothing")
        states = owner_connection.execute(holders).fetchall()
        mail_server.hold.clear()
        turn.result()
    assert states == [("idle in transaction",)]
