"""Flows that an app sets for later: runs that wait (ACT-09)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.services.apps import create_app, delete_app, pause_app, resume_app, update_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import NotRunnable
from apps_engine.services.ingest import ingest
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.replays import replay_runs
from apps_engine.services.retries import can_run_again, run_again
from apps_engine.services.runs import RunFilter, cancel_run, get_run, list_runs, run_app
from apps_engine.services.tasks import MOST_PENDING, NewTask, schedule_tasks
from apps_engine.store.claims import claim
from apps_engine.store.models import App, Execution
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("ACT-09")

REMIND = [{"id": "remind", "act": "send_notification", "params": {"to": "everyone", "title": "Pay {{ trigger.who }}"}}]


def reminding(count: int = 1, remind: list[dict[str, Any]] | None = None, **params: Any) -> dict[str, Any]:
    """Sets its flow `remind` for two hours later, so many times."""
    later = {"flow": "remind", "delay": "2h", "data": {"who": "Ada"}, **params}
    step = {"id": "later", "act": "schedule_task", "params": later}
    loop = {"id": "often", "each": list(range(count)), "as": "n", "steps": [step]}
    flows = {"main": {"steps": [step] if count == 1 else [loop]}, "remind": {"steps": remind or REMIND}}
    settings = {"concurrency": {"mode": "parallel"}, "retry": {"max_attempts": 2}}
    return definition([], flows=flows, name="Reminder", settings=settings)


@pytest.fixture
def start(tenant, principal) -> Callable[..., int]:
    """Store a definition, once, and queue a run of it; its number."""

    def start_one(source: dict[str, Any], **inputs: Any) -> int:
        with tenant_scope(tenant.pk):
            app = App.objects.filter(name=source["name"]).first() or create_app(principal, source)
            return run_app(principal, app.pk, inputs).pk

    return start_one


@pytest.fixture
def tasks(tenant) -> Callable[[], list[Execution]]:
    """The tasks that were set, oldest first."""

    def read() -> list[Execution]:
        with tenant_scope(tenant.pk):
            return list(Execution.objects.filter(trigger_type="task").order_by("pk"))

    return read


@pytest.fixture
def make_due(owner_connection) -> Callable[[], None]:
    """As if the time had come for whatever waits."""
    return lambda: owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE state = 'queued'")


def told(tenant: Any) -> list[str]:
    with tenant_scope(tenant.pk):
        return sorted(set(Notification.objects.values_list("title", flat=True)))


def test_a_flow_runs_when_its_time_has_come_with_the_data_it_was_given(tenant, members, start, tasks, make_due):
    assert run_now(start(reminding())) == "succeeded"
    (task,) = tasks()
    assert abs(task.run_at - timezone.now() - timedelta(hours=2)) < timedelta(minutes=1)
    assert (task.state, task.flow, task.trigger) == ("queued", "remind", {"who": "Ada"})
    assert claim("worker", 1, [task.pk]) == [], "it is not due yet"
    make_due()
    assert run_now(task.pk) == "succeeded"
    assert told(tenant) == ["Pay Ada"]


def test_a_task_is_seen_among_the_runs_with_the_time_for_which_it_is_set(tenant, principal, start, tasks):
    run_now(start(reminding()))
    (task,) = tasks()
    with tenant_scope(tenant.pk):
        shown = run_as_dict(list_runs(principal, "Reminder")[0], principal, steps=False)
        step = run_as_dict(get_run(principal, task.pk - 1), principal)["steps"][0]
    assert (shown["id"], shown["trigger"]["type"], shown["waits_until"]) == (task.pk, "task", shown["run_at"])
    assert step["output"] == {"task_id": task.pk, "run_at": shown["run_at"], "scheduled": True, "skipped": None}


def test_a_task_goes_on_where_it_was_set_whatever_becomes_of_the_app(
    tenant, principal, members, start, tasks, make_due
):
    """Version, inputs, chain, who asked for it: the context is kept exactly."""
    source = reminding(
        remind=[{"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "{{ inputs.word }}"}}]
    )
    source["inputs"] = {"type": "object", "properties": {"word": {"type": "string", "default": "none"}}}
    run = start(source, word="Ahoy")
    run_now(run)
    with tenant_scope(tenant.pk):
        changed = {**source, "flows": {"main": source["flows"]["remind"]}}
        update_app(principal, "Reminder", changed)
        origin = Execution.objects.get(pk=run)
    (task,) = tasks()
    kept = ("version_id", "inputs", "chain", "requested_by", "session_key", "concurrency_key", "max_attempts")
    assert [getattr(task, name) for name in kept] == [getattr(origin, name) for name in kept]
    make_due()
    assert run_now(task.pk) == "succeeded"
    assert told(tenant) == ["Ahoy"]


@pytest.mark.requirement("RUN-05")
def test_a_step_that_is_tried_again_sets_one_task(scope, tenant, principal):
    app = create_app(principal, reminding())
    run = run_app(principal, app.pk)
    task = NewTask("remind", timedelta(hours=1), {}, key="run:1:main/later")
    first, again = schedule_tasks(run.pk, [task]), schedule_tasks(run.pk, [task])
    assert (first[0].skipped, again[0].skipped) == (None, "duplicate")
    assert Execution.objects.filter(trigger_type="task").count() == 1


@pytest.mark.parametrize(("count", "state", "waiting"), [(MOST_PENDING, "succeeded", 10), (11, "failed", 10)])
def test_ten_tasks_may_wait_and_not_one_more(tenant, start, tasks, count, state, waiting):
    run = start(reminding(count))
    assert run_now(run) == state
    assert len(tasks()) == waiting
    with tenant_scope(tenant.pk):
        error = Execution.objects.get(pk=run).error
    assert error is None if state == "succeeded" else error["code"] == "too_many_tasks"


def test_another_may_be_set_when_one_has_run(tenant, start, tasks, make_due):
    source = reminding(2)
    source["flows"]["main"]["steps"][0]["each"] = "{{ inputs.names }}"
    source["inputs"] = {"type": "object", "properties": {"names": {"type": "array", "default": ["Ada"]}}}
    assert run_now(start(source, names=list(range(MOST_PENDING)))) == "succeeded"
    assert run_now(start(source)) == "failed"
    make_due()
    assert run_now(tasks()[0].pk) == "succeeded"
    assert run_now(start(source)) == "succeeded"


def test_while_a_task_of_a_key_waits_no_other_of_it_is_set(start, tasks, make_due):
    keyed = reminding(key="bill:{{ inputs.bill }}")
    keyed["inputs"] = {"type": "object", "properties": {"bill": {"type": "integer", "default": 1}}}
    for bill in (1, 1, 2):
        assert run_now(start(keyed, bill=bill)) == "succeeded"
    assert len(tasks()) == 2
    make_due()
    run_now(tasks()[0].pk)
    assert run_now(start(keyed, bill=1)) == "succeeded"
    assert len(tasks()) == 3


def test_a_failing_task_is_tried_again_by_the_apps_own_policy(plugins, start, tasks, make_due):
    failing = reminding(remind=[{"id": "fail", "act": "fail", "params": {"retryable": True}}])
    run_now(start(failing))
    (task,) = tasks()
    make_due()
    assert run_now(task.pk) == "queued"
    make_due()
    assert run_now(task.pk) == "dead"
    assert tasks()[0].attempt == 2


def test_tasks_wait_with_a_paused_app_and_are_cancelled_with_a_deleted_one(tenant, principal, start, tasks, make_due):
    run_now(start(reminding()))
    make_due()
    (task,) = tasks()
    with tenant_scope(tenant.pk):
        app = pause_app(principal, "Reminder")
    assert claim("worker", 1, [task.pk]) == []
    with tenant_scope(tenant.pk):
        resume_app(principal, app.pk)
        delete_app(principal, app.pk)
    assert [task.state for task in tasks()] == ["cancelled"]


def test_one_task_can_be_cancelled_like_any_run(tenant, principal, start, tasks, make_due):
    run_now(start(reminding()))
    with tenant_scope(tenant.pk):
        cancel_run(principal, tasks()[0].pk)
    make_due()
    assert claim("worker", 1, [tasks()[0].pk]) == []


@pytest.mark.requirement("RUN-01")
def test_a_task_that_waits_keeps_nobody_from_running(start, tasks):
    skipping = {**reminding(), "settings": {"concurrency": {"mode": "skip"}}}
    assert run_now(start(skipping)) == "succeeded"
    assert run_now(start(skipping)) == "succeeded"
    assert len(tasks()) == 2


@pytest.mark.requirement("TRG-10")
def test_a_task_may_set_a_task_but_not_for_ever(tenant, start, tasks, make_due):
    again = reminding(remind=[{"id": "on", "act": "schedule_task", "params": {"flow": "remind", "delay": 0}}])
    assert run_now(start(again)) == "succeeded"
    states = []
    for _ in range(4):
        make_due()
        states += [run_now(task.pk) for task in tasks() if task.state == "queued"]
    assert states == ["succeeded", "failed"], "the run, its task, and a task of that are three"
    assert tasks()[-1].error["code"] == "task_chain_too_long"


def test_an_event_can_lead_to_a_task(tenant, principal, members, tasks, make_due):
    ask = {"to": "{{ trigger.id }}", "title": "Have you settled in?"}
    thanks = [{"id": "ask", "act": "send_notification", "params": ask}]
    later = {"flow": "remind", "delay": 604_800, "data": {"id": "{{ trigger.member.id }}"}}
    steps = [{"id": "later", "act": "schedule_task", "params": later}]
    source = definition(
        [],
        {"type": "event", "event": "member.joined"},
        flows={"main": {"steps": steps}, "remind": {"steps": thanks}},
        name="Ask after a week",
    )
    with tenant_scope(tenant.pk):
        create_app(principal, source)
    data = {**EVENTS["member.joined"].sample}
    data["member"] = {**data["member"], "id": members[1].pk}
    envelope = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/test",
        "type": "member.joined",
        "tenantid": tenant.slug,
        "data": data,
    }
    (run,) = ingest([envelope]).executions
    assert run_now(run) == "succeeded"
    make_due()
    assert run_now(tasks()[0].pk) == "succeeded"
    with tenant_scope(tenant.pk):
        assert Notification.objects.get().member_id == members[1].pk


def test_a_dry_run_sets_nothing(tenant, principal, start, tasks):
    with tenant_scope(tenant.pk):
        rehearsal = dry_run(principal, reminding(MOST_PENDING)).as_dict()
    assert (rehearsal["status"], rehearsal["counts"]) == ("succeeded", {"schedule_task": 10})
    assert tasks() == []


@pytest.mark.requirement("SEC-01")
def test_no_tenant_sees_another_tenants_tasks(other_tenant, start, tasks):
    run_now(start(reminding()))
    with tenant_scope(other_tenant.pk):
        assert not Execution.objects.exists()


@pytest.mark.requirement("RUN-13")
def test_a_task_that_failed_is_run_again_with_the_flow_of_that_name_in_the_newest_version(
    tenant, principal, members, start, tasks, make_due
):
    wrong = {**REMIND[0], "params": {"to": "everyone", "title": "Pay {{ posts[99].id }}"}}
    run_now(start(reminding(remind=[{"id": "posts", "fetch": "posts", "limit": 1}, wrong])))
    make_due()
    (task,) = tasks()
    assert run_now(task.pk) == "failed"
    with tenant_scope(tenant.pk):
        assert can_run_again(get_run(principal, task.pk))
        update_app(principal, task.app_id, reminding())
        again = run_again(principal, task.pk)
        assert replay_runs(principal, task.app_id, way="again", which=RunFilter()).queued == 1
    for copy in tasks()[1:]:
        kept = ("flow", "trigger", "inputs", "concurrency_key", "exclusive", "slots", "generation", "session_key")
        assert [getattr(copy, name) for name in kept] == [getattr(task, name) for name in kept]
        assert copy.version_id != task.version_id
    assert run_now(again.pk) == "succeeded"
    assert told(tenant) == ["Pay Ada"]


@pytest.mark.requirement("RUN-13")
def test_a_task_whose_flow_is_gone_is_not_run_again(tenant, principal, members, start, tasks, make_due):
    run_now(start(reminding()))
    make_due()
    (task,) = tasks()
    assert run_now(task.pk) == "succeeded"
    tell = {**REMIND[0], "params": {"to": "everyone", "title": "Nothing is due"}}
    with tenant_scope(tenant.pk):
        update_app(principal, task.app_id, definition([tell], name="Reminder"))
        assert not can_run_again(get_run(principal, task.pk))
        with pytest.raises(NotRunnable, match="no flow “remind”"):
            run_again(principal, task.pk)
