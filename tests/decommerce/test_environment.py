"""Connections to hosts that may vanish."""

from __future__ import annotations

import os
import socket

import pytest
from django.conf import settings
from django.db import connections
from kombu import Connection

# Seconds of silence until the first question, between two, and how many of them.
ASKED = {socket.TCP_KEEPIDLE: 30, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}


@pytest.mark.requirement("RUN-05")
def test_who_waits_for_the_queue_asks_whether_a_silent_host_is_still_there():
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with Connection(settings.CELERY_BROKER_URL, transport_options=options) as broker:
        connection = broker.channel().client.connection_pool.get_connection()
        assert is_asking(connection._sock)


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize("alias", ["default", "scheduler"])
def test_who_waits_for_the_database_asks_whether_a_silent_host_is_still_there(alias, tenant):
    connections[alias].ensure_connection()
    with socket.socket(fileno=os.dup(connections[alias].connection.pgconn.socket)) as connection:
        assert is_asking(connection)


def is_asking(connection: socket.socket) -> bool:
    """Whether it is the system that asks, as often as we want."""
    asked = {option: connection.getsockopt(socket.IPPROTO_TCP, option) for option in ASKED}
    return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) and asked == ASKED
