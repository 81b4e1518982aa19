"""What becomes of runs of one key that meet: skipped, queued, replaced, or so many at once (RUN-01)."""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from apps_engine.services.apps import create_app
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from apps_engine.store.models import Decision, Execution
from apps_engine.store.queue import overdue
from decommerce.community.event_catalogue import EVENTS
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition, rewarding

pytestmark = pytest.mark.requirement("RUN-01")
AT_ONCE = 8
TELL = {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "A post"}}


def telling(mode: str, **concurrency: Any) -> dict[str, Any]:
    """Tells of each post."""
    settings = {"concurrency": {"mode": mode, **concurrency}}
    return definition([TELL], {"type": "event", "event": "post.created"}, settings=settings)


@pytest.fixture
def written(tenant) -> Callable[..., dict[str, Any]]:
    """The event of a post."""

    def event(author: int = 1) -> dict[str, Any]:
        data = copy.deepcopy(dict(EVENTS["post.created"].sample))
        data["post"]["author_id"] = author
        envelope = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/test", "type": "post.created"}
        return {**envelope, "tenantid": tenant.slug, "data": data}

    return event


def at_once(work: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    """Do it so often at the same moment, each in a thread of its own."""
    start = threading.Barrier(times)

    def begin(number: int) -> Any:
        start.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(begin, range(times)))


def states(tenant: Any) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(Execution.objects.order_by("pk").values_list("state", flat=True))


def test_of_events_at_one_instant_an_app_that_skips_runs_once_and_the_others_say_why(
    tenant, principal, members, written
):
    with tenant_scope(tenant.pk):
        create_app(principal, telling("skip"))
    made = at_once(lambda number: ingest([written(), written()]).executions)
    assert len([run for runs in made for run in runs]) == 1
    assert states(tenant) == ["queued"]
    with tenant_scope(tenant.pk):
        decision = Decision.objects.get()
    assert (decision.outcome, decision.repeats) == ("overlap", 2 * AT_ONCE - 1)


def test_of_events_at_one_instant_an_app_that_restarts_keeps_one_run_and_each_other_names_its_successor(
    tenant, principal, members, written
):
    with tenant_scope(tenant.pk):
        create_app(principal, telling("restart"))
    at_once(lambda number: ingest([written(), written()]))
    assert sorted(states(tenant)) == ["cancelled"] * (2 * AT_ONCE - 1) + ["queued"]
    with tenant_scope(tenant.pk):
        replaced = Execution.objects.filter(state="cancelled")
        assert all(run.error["code"] == "replaced" and run.finished_at for run in replaced)
        assert all(int(run.error["message"].split()[1]) > run.pk for run in replaced)


def test_a_key_narrows_what_a_newer_run_replaces(tenant, principal, members, written):
    with tenant_scope(tenant.pk):
        create_app(principal, telling("restart", key="{{ trigger.post.author_id }}"))
    ingest([written(1), written(2), written(1)])
    assert states(tenant) == ["cancelled", "queued", "queued"]


def test_a_replaced_run_stops_at_its_next_step_and_the_newer_one_may_begin_at_once(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(), "settings": {"concurrency": {"mode": "restart"}}})
        first = run_app(principal, app.pk).pk
    (work,) = claim("one", 1, [first])
    with tenant_scope(tenant.pk):
        second = run_app(principal, app.pk).pk
    (next_work,) = claim("two", 1, [second])
    assert execute(work) == "cancelled"
    assert execute(next_work) == "succeeded"
    assert states(tenant) == ["cancelled", "succeeded"]


def test_a_newer_sequence_takes_the_place_of_what_an_older_one_still_waits_for(tenant, principal, members, written):
    sequence = [{"delay": "1h"}, {"delay": "2h"}]
    trigger = {"type": "delayed", "event": "post.created", "sequence": sequence}
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], trigger, settings={"concurrency": {"mode": "restart"}}))
    ingest([written()])
    assert states(tenant) == ["queued", "queued"]
    ingest([written()])
    assert states(tenant) == ["cancelled", "cancelled", "queued", "queued"]


def test_so_many_runs_at_once_as_the_app_says_and_never_more(tenant, principal, members):
    most = 3
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(), "settings": {"concurrency": {"mode": "parallel", "max": most}}})
        runs = [run_app(principal, app.pk).pk for _ in range(AT_ONCE)]
    claimed = [work for works in at_once(lambda number: claim(f"worker {number}", 2, runs)) for work in works]
    assert len(claimed) == most
    assert claim("late", 10, runs) == []
    execute(claimed[0])
    (another,) = claim("late", 10, runs)
    assert another.id not in {work.id for work in claimed}
    with tenant_scope(tenant.pk):
        running = Execution.objects.filter(state="running")
        assert sorted(running.values_list("slot", flat=True)) == [0, 1, 2]


def test_parallel_without_a_number_holds_nothing_back(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(), "settings": {"concurrency": {"mode": "parallel"}}})
        runs = [run_app(principal, app.pk).pk for _ in range(AT_ONCE)]
    assert len(claim("one", 100, runs)) == AT_ONCE


def test_what_nobody_was_told_of_is_one_of_each_tenant_before_a_second_and_what_is_urgent_first(
    tenant, other_tenant, principal, members, owner_connection
):
    owner_connection.execute("UPDATE engine_execution SET state = 'cancelled' WHERE state IN ('queued', 'running')")
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(), "settings": {"concurrency": {"mode": "parallel"}}})
        runs = [run_app(principal, app.pk).pk for _ in range(4)]
        Execution.objects.exclude(pk=runs[3]).update(priority=5)
    with tenant_scope(other_tenant.pk):
        other = system_principal(other_tenant.pk, "the other")
        late = run_app(other, create_app(other, rewarding()).pk).pk
    assert set(overdue(0, 2)) == {runs[3], late}
    assert len(claim("one", 2, [runs[3], late])) == 2
    assert overdue(0, 1) == [runs[0]]
