"""An app that is paused or deleted while it works (APP-03, docs/execution.md, promise 10)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import delete_app, pause_app, resume_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.waiting import until


def two_steps(member: int | str, gate: str) -> dict:
    """Two stamps; the first waits at a gate."""

    def stamp(name: str, **more: object) -> dict:
        return {"id": name, "act": "stamp", "params": {"member_id": member, "text": name, **more}}

    return definition([stamp("first", gate=gate), stamp("second")], settings={"concurrency": {"mode": "queue"}})


def two_steps_each(gate: str) -> dict:
    """The same for every member, in one chunk of a loop."""
    body = two_steps("{{ member.id }}", gate)["flows"]["main"]["steps"]
    everyone = {"id": "walk", "each": "{{ people }}", "as": "member", "steps": body}
    people = {"id": "people", "fetch": "users", "fields": ["id"], "limit": 10}
    return definition([people, everyone], settings={"concurrency": {"mode": "queue"}})


@pytest.fixture
def under_way(processes, members, gate, start_runs, tenant, principal) -> list[int]:
    """Two runs of one app: the first is in its first step, the second came later and waits for it."""
    (member,) = members(1)
    gate.close()
    processes.worker()
    (first,) = start_runs(two_steps(member, gate.path))
    until(gate.reached, "the first step is under way")
    with tenant_scope(tenant.pk):
        return [first, run_app(principal, app_of(first), {}).pk]


def app_of(run: int) -> int:
    return Execution.objects.values_list("app_id", flat=True).get(pk=run)


@pytest.mark.requirement("APP-03")
def test_a_paused_app_begins_no_further_step_and_its_runs_go_on_when_it_is_resumed(
    tenant, principal, gate, under_way, states, stamps, wait_for_states
):
    with tenant_scope(tenant.pk):
        pause_app(principal, app_of(under_way[0]), "enough for today")
    gate.open()
    wait_for_states(under_way, "queued")
    assert stamps() == ["first"]

    with tenant_scope(tenant.pk):
        resume_app(principal, app_of(under_way[0]))
    wait_for_states(under_way, "succeeded")
    # Which of the two goes on first is not promised; that each step of each happened once is.
    assert sorted(stamps()) == ["first", "first", "second", "second"]


@pytest.mark.requirement("APP-03")
def test_the_next_action_of_a_chunk_does_not_begin_either_and_the_chunk_is_done_once_when_the_app_is_resumed(
    processes, tenant, principal, members, gate, start_runs, stamps, wait_for_states
):
    members(3)
    gate.close()
    processes.worker()
    runs = start_runs(two_steps_each(gate.path))
    until(gate.reached, "the first action is under way")
    with tenant_scope(tenant.pk):
        pause_app(principal, app_of(runs[0]), "enough for today")
    gate.open()
    wait_for_states(runs, "queued")
    assert stamps() == []
    with tenant_scope(tenant.pk):
        resume_app(principal, app_of(runs[0]))
    wait_for_states(runs, "succeeded")
    assert stamps() == ["first"] * 3 + ["second"] * 3


@pytest.mark.requirement("APP-07")
def test_the_runs_of_a_deleted_app_are_cancelled(tenant, principal, gate, under_way, stamps, wait_for_states):
    with tenant_scope(tenant.pk):
        delete_app(principal, app_of(under_way[0]))
    gate.open()
    wait_for_states(under_way, "cancelled")
    assert stamps() == ["first"]


@pytest.mark.requirement("APP-07")
def test_what_runs_of_a_deleted_app_had_done_together_is_undone_and_they_are_cancelled(
    processes, tenant, principal, members, gate, start_runs, stamps, wait_for_states
):
    (member,) = members(1)
    gate.close()
    runs = start_runs(two_steps(member, gate.path), 3)
    processes.worker()
    until(gate.reached, "the first step is under way")
    with tenant_scope(tenant.pk):
        delete_app(principal, app_of(runs[0]))
    gate.open()
    wait_for_states(runs, "cancelled")
    assert stamps() == []
