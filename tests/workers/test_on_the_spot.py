"""A lone event's runs, made by the consumer itself (docs/decisions/0006-batches.md)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.store.claims import claim
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.test_ingest import event
from workers.runner import run_here

pytestmark = pytest.mark.usefixtures("quiet")
TRIGGER = {"type": "event", "event": "post.created"}


@pytest.mark.requirement("TRG-08")
def test_a_short_run_of_a_lone_event_is_claimed_with_it_and_run_at_once(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
    taken = ingest([event(tenant)], "the consumer")
    assert [work.id for work in taken.claimed] == taken.executions
    (run,) = executions()
    assert (run.state, run.owner, run.attempt, run.fence) == ("running", "the consumer", 1, 1)
    assert claim("another", 1, taken.executions) == []
    run_here(taken.claimed)
    (run,) = executions()
    assert (run.state, run.attempt) == (Execution.State.SUCCEEDED, 1)


@pytest.mark.requirement("RUN-01")
def test_while_its_key_is_running_elsewhere_it_waits_in_line(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "queue"}}})
    first = ingest([event(tenant)], "the consumer").claimed
    assert len(first) == 1
    assert ingest([event(tenant)], "the consumer").claimed == []
    assert [run.state for run in executions()] == ["running", "queued"]


def test_events_that_come_together_and_runs_that_fetch_are_left_to_the_workers(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, definition([{"id": "posts", "fetch": "posts", "limit": 1}], TRIGGER))
    assert ingest([event(tenant)], "the consumer").claimed == []
    assert ingest([event(tenant), event(tenant)], "the consumer").claimed == []
    assert ingest([event(tenant)]).claimed == []
