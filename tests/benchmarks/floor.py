"""The least that a durable task can do."""

from __future__ import annotations

from celery import shared_task
from django.db import connection


@shared_task(name="bench.floor")
def floor(number: int) -> None:
    """Insert and commit, update and commit, on the connection of the worker."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (number, state) VALUES (%s, 'running')", [number])
        cursor.execute("UPDATE bench_floor SET state = 'done', ended = clock_timestamp() WHERE number = %s", [number])
