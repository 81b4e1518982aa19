"""Runs that share a transaction (docs/decisions/0006-batches.md)."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from apps_engine.services.apps import create_app, pause_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.runs import cancel_run, run_app
from apps_engine.services.straight import may_batch
from apps_engine.store.batches import Batch, claim_line, lines
from apps_engine.store.models import Execution, StepResult
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, rewarding
from tests.apps_engine.services.running import run_now

QUEUE, PARALLEL = {"concurrency": {"mode": "queue"}}, {"concurrency": {"mode": "parallel"}}
TELL = {
    "id": "tell",
    "act": "send_notification",
    "params": {"to": "{{ inputs.member }}", "title": "{{ (12 / inputs.by) | to_text }}"},
}
FLAG = {"id": "flag", "act": "flag_content", "params": {"post_id": 1, "reason": "So"}}
WRITE = {"id": "write", "act": "create_post", "params": {"body": "A text"}}
FETCH = {"id": "posts", "fetch": "posts", "limit": 1}


def telling(settings: dict[str, Any]) -> dict[str, Any]:
    """Tells a member twelve divided by an input; by 0 it fails."""
    inputs = {"type": "object", "properties": {"member": {"type": "integer"}, "by": {"type": "integer"}}}
    return definition([TELL], inputs=inputs, settings={**settings, "retry": {"max_attempts": 1}})


@pytest.fixture
def start(tenant, principal, members):
    """Create an app and start a run for each divisor; their ids."""

    def begin(divisors: list[int], settings: dict[str, Any] = QUEUE) -> list[int]:
        with tenant_scope(tenant.pk):
            app = create_app(principal, telling(settings)).pk
            return [run_app(principal, app, {"member": members[0].pk, "by": by}).pk for by in divisors]

    return begin


@pytest.fixture
def rows(tenant):
    """The runs by id."""

    def read(ids: list[int]) -> list[Execution]:
        with tenant_scope(tenant.pk):
            return list(Execution.objects.filter(pk__in=ids).order_by("pk"))

    return read


@pytest.fixture
def told(tenant):
    """The titles of all notifications, in their order."""

    def read() -> list[str]:
        with tenant_scope(tenant.pk):
            return list(Notification.objects.order_by("pk").values_list("title", flat=True))

    return read


def claimed(ids: list[int]) -> Batch:
    (line,) = lines(ids)
    batch = claim_line("the test", line, 100)
    assert batch is not None
    return batch


def leases_lost() -> float:
    value = REGISTRY.get_sample_value("decommerce_leases_lost_total")
    assert value is not None
    return value


@pytest.mark.requirement("RUN-04")
@pytest.mark.parametrize("settings", [QUEUE, PARALLEL])
def test_a_run_that_fails_goes_alone_and_its_neighbours_are_committed(start, rows, told, settings):
    ids = start([1, 2, 0, 4, 0, 6], settings)
    assert execute_batch(claimed(ids)) == [ids[2], ids[4]]
    assert told() == ["12", "6", "3", "2"]
    assert [(run.state, run.attempt) for run in rows(ids)] == [
        ("succeeded", 1), ("succeeded", 1), ("queued", 0), ("succeeded", 1), ("queued", 0), ("succeeded", 1),
    ]  # fmt: skip
    assert lines(ids) == []
    assert run_now(ids[2]) == "failed"
    (failed,) = rows([ids[2]])
    assert (failed.attempt, failed.error["code"]) == (1, "division_by_zero")


@pytest.mark.requirement("RUN-01")
def test_of_one_key_the_first_alone_is_running_and_keeps_it_for_those_behind(start, rows, owner_connection):
    ids = start([1, 2, 3])
    batch = claimed(ids)
    assert [run.state for run in rows(ids)] == ["running", "queued", "queued"]
    assert claim_line("another", batch.line, 100) is None
    with pytest.raises(ValueError, match="not enough values"):
        run_now(ids[1])


@pytest.mark.requirement("RUN-10")
def test_runs_that_fell_out_of_a_batch_keep_none_behind_them_from_the_next_one(start, rows):
    ids = start([0, 0, 1, 2], PARALLEL)
    (line,) = lines(ids)
    first = claim_line("the test", line, 2)
    assert execute_batch(first) == ids[:2]
    assert [row.state for row in rows(ids)] == ["queued"] * 4
    second = claim_line("the test", line, 2)
    assert [run.id for run in second.runs] == ids[2:]
    assert execute_batch(second) == []


def test_a_run_cancelled_meanwhile_keeps_the_batch_from_being_committed(start, rows, told, tenant, principal):
    ids = start([1, 2, 3])
    batch = claimed(ids)
    with tenant_scope(tenant.pk):
        cancel_run(principal, ids[1])
    before = leases_lost()
    assert execute_batch(batch) == ids
    assert leases_lost() == before
    assert told() == []
    assert [run.state for run in rows(ids)] == ["queued", "cancelled", "queued"]
    assert [run_now(ids[0]), run_now(ids[2])] == ["succeeded", "succeeded"]
    assert told() == ["12", "4"]


@pytest.mark.requirement("OPS-01")
def test_leases_that_a_batch_lost_are_counted(start, owner_connection):
    ids = start([1, 2, 3], PARALLEL)
    batch = claimed(ids)
    owner_connection.execute("UPDATE engine_execution SET fence = fence + 1 WHERE id = ANY(%s)", [ids[:2]])
    before = leases_lost()
    assert execute_batch(batch) == ids
    assert leases_lost() == before + 2


@pytest.mark.requirement("APP-04")
def test_a_batch_of_an_app_that_was_paused_does_nothing_and_charges_nobody(start, rows, told, tenant, principal):
    ids = start([1, 2])
    batch = claimed(ids)
    with tenant_scope(tenant.pk):
        pause_app(principal, batch.line.app_id)
    assert execute_batch(batch) == ids
    assert told() == []
    assert [(run.state, run.attempt) for run in rows(ids)] == [("queued", 0), ("queued", 0)]


@pytest.mark.requirement("RUN-07")
def test_a_run_leaves_the_same_behind_in_a_batch_as_alone(start, rows, tenant):
    ids = start([3, 3, 3])
    assert run_now(ids[0]) == "succeeded"
    assert execute_batch(claimed(ids[1:])) == []
    alone, first, second = rows(ids)
    for run in (first, second):
        for field in ("state", "attempt", "result", "error", "usage", "items", "lease_until", "owner", "progress"):
            assert getattr(run, field) == getattr(alone, field), field
        assert journal(tenant, run) == journal(tenant, alone)
        assert run.started_at <= run.finished_at


def journal(tenant: Any, run: Execution) -> list[tuple[Any, ...]]:
    fields = ("path", "kind", "status", "input", "output", "error", "items", "attempt")
    with tenant_scope(tenant.pk):
        return list(StepResult.objects.filter(execution=run).order_by("path").values_list(*fields))


@pytest.mark.parametrize(
    ("app", "together"),
    [
        (definition([TELL, FLAG], settings=QUEUE), True),
        (definition([FLAG, WRITE], settings=QUEUE), False),
        (definition([FLAG, WRITE], settings=PARALLEL), True),
        (definition([FETCH, FLAG], settings=QUEUE), False),
        (definition([FETCH, FLAG], settings=PARALLEL), True),
        (definition([{**FLAG, "once_per": "{{ run.id }}"}], settings=PARALLEL), False),
        (definition([FLAG, {"id": "wait", "pause": {"for": "1m"}}], settings=PARALLEL), False),
        ({**rewarding(), "settings": PARALLEL}, False),
        (definition([{**TELL, "when": "state.on | default: true"}], settings=QUEUE), True),
        (definition([{"id": "note", "act": "state_update", "params": {"data": {"on": False}}}], settings=QUEUE), False),
    ],
)
def test_only_flows_whose_runs_see_nothing_of_each_other_are_run_together(tenant, principal, app, together):
    numbers = {name: {"type": "integer", "default": 1} for name in ("member", "by")}
    app = {**app, "inputs": {"type": "object", "properties": numbers}}
    app["flows"] = {"main": {"steps": [step_of(step) for step in app["flows"]["main"]["steps"]]}}
    with tenant_scope(tenant.pk):
        run = run_app(principal, create_app(principal, app).pk)
    (line,) = lines([run.pk])
    assert may_batch(line) is together


def step_of(step: dict[str, Any]) -> dict[str, Any]:
    """Posts are named by the flow's own inputs."""
    params = step.get("params", {})
    return {**step, "params": {**params, "post_id": "{{ inputs.member }}"}} if "post_id" in params else step
