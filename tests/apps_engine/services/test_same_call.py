"""Two runs that want to make the very same call outside (docs/execution.md 7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connections

from apps_engine.services.apps import create_app
from apps_engine.services.runs import get_run, run_app
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from tests.waiting import until

CLAIM = """
INSERT INTO engine_effect
    (tenant_id, idem_key, execution_id, path, action, fingerprint, fence, state, request, created_at, updated_at)
VALUES (%s, %s, %s, 'main/ask', 'ask', '', 1, 'claimed', '{}', now(), now())
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.requirement("RUN-05")
def test_of_two_that_claim_a_call_at_the_same_instant_one_makes_it_and_the_other_is_tried_again(
    tenant, principal, sink, database, owner_connection
):
    ask = {"id": "ask", "act": "ask", "params": {"url": sink.url, "text": "hello"}, "once_per": "a word"}
    parallel = {"concurrency": {"mode": "parallel"}, "retry": {"max_attempts": 2}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([ask], settings=parallel)).pk
        first, second = (run_app(principal, app).pk for _ in range(2))
    with psycopg.connect(database) as other, ThreadPoolExecutor(1) as threads:
        other.execute(CLAIM, [tenant.pk, f"once:{app}:a word", first])
        ended = threads.submit(run_and_disconnect, second)
        until(lambda: owner_connection.execute(WAITING).fetchone() == (1,), "the second waits for the key")
        other.commit()
        assert ended.result() == "queued"
    with tenant_scope(tenant.pk):
        run = get_run(principal, second)
        assert (run.error["code"], run.usage) == ("effect_in_progress", {})
    owner_connection.execute("DELETE FROM engine_effect WHERE execution_id = %s", [first])
    assert run_now(first) == "succeeded"
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [second])
    assert run_now(second) == "succeeded"
    assert len(sink.requests) == 1


def run_and_disconnect(run: int) -> str:
    """Run it, from a thread that has connections of its own."""
    try:
        return run_now(run)
    finally:
        connections.close_all()
