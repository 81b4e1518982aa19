"""Runs once more: from the failed step, anew, many at a rate; cancelled; settled by hand (RUN-05, RUN-13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_engine.services.apps import create_app, delete_app, pause_app, update_app
from apps_engine.services.enqueue import BACKLOG, URGENT
from apps_engine.services.errors import EffectNotFound, EffectSettled, NotRunnable, RunNotFound
from apps_engine.services.ingest import ingest
from apps_engine.services.replays import replay_runs
from apps_engine.services.retries import retry_run, run_again
from apps_engine.services.runs import RunFilter, cancel_run, get_run, list_runs, run_app
from apps_engine.services.settling import list_effects, settle_effect
from apps_engine.store.models import Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import PermissionRefused, Principal, system_principal
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_ingest import event

pytestmark = pytest.mark.requirement("RUN-13")


def stamping(member: int, url: str, tell: str = "ask", last: str = "second"):
    """Stamps, tells a server outside, stamps again."""

    def stamp(name: str) -> dict:
        return {"id": name, "act": "stamp", "params": {"member_id": member, "text": name}}

    told = {"id": "told", "act": tell, "params": {"url": url, "text": "hello"}}
    return definition([stamp("first"), told, stamp(last)], settings={"concurrency": {"mode": "queue"}})


@pytest.fixture
def start(tenant, principal, members, sink) -> Callable[..., int]:
    """Queue a run of an app that stamps; returns its number."""

    def start_one(**more) -> int:
        with tenant_scope(tenant.pk):
            app = create_app(principal, stamping(members[0].pk, sink.url, **more))
            return run_app(principal, app.pk).pk

    return start_one


def stamps(tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        lines = Notification.objects.filter(title__in=("first", "second", "third"))
        return list(lines.order_by("pk").values_list("title", flat=True))


def test_a_failed_run_goes_on_at_the_step_that_failed_in_its_own_version(tenant, principal, start, sink, members):
    sink.refused.add(b"hello")
    run = start()
    assert run_now(run) == "failed"
    sink.refused.clear()
    with tenant_scope(tenant.pk):
        app_id = get_run(principal, run).app_id
        update_app(principal, app_id, stamping(members[0].pk, sink.url, last="third"))
        retried = retry_run(principal, run)
        assert (retried.state, retried.attempt, retried.error, retried.finished_at) == ("queued", 0, None, None)
    assert run_now(run) == "succeeded"
    assert stamps(tenant) == ["first", "second"]
    with tenant_scope(tenant.pk):
        assert AuditEntry.objects.filter(verb="run.retried", target=f"run:{run}").count() == 1
        with pytest.raises(NotRunnable):
            retry_run(principal, run)


def test_a_run_again_is_a_new_run_with_the_newest_version_and_the_same_trigger(tenant, principal, write_post):
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
    post_id = write_post("Short.")
    (first,) = ingest([event(tenant, post_id=post_id)]).executions
    run_now(first)
    with tenant_scope(tenant.pk):
        update_app(principal, app.pk, flagging() | {"description": "New."})
        again = run_again(principal, first)
        earlier = get_run(principal, first)
        assert again.pk != first
        assert (again.version.number, again.trigger, again.flow) == (2, earlier.trigger, earlier.flow)
        pause_app(principal, app.pk, "Enough")
        with pytest.raises(NotRunnable):
            run_again(principal, first)


def test_a_version_without_the_trigger_cannot_run_it_again(tenant, principal):
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
    (first,) = ingest([event(tenant)]).executions
    tell = {"act": "send_notification", "params": {"to": "admins", "title": "Hello"}}
    with tenant_scope(tenant.pk):
        update_app(principal, app.pk, definition([tell], name="Flag short posts"))
        with pytest.raises(NotRunnable, match="not started the way"):
            run_again(principal, first)


def test_a_deleted_apps_run_is_not_retried(tenant, principal, start, sink):
    sink.refused.add(b"hello")
    run = start()
    run_now(run)
    with tenant_scope(tenant.pk):
        delete_app(principal, get_run(principal, run).app_id)
        with pytest.raises(NotRunnable, match="deleted"):
            retry_run(principal, run)


@pytest.mark.parametrize("state", ["queued", "paused", "running"])
def test_a_run_that_is_cancelled_takes_no_further_step(tenant, principal, start, state):
    run = start()
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run).update(state=state)
        assert cancel_run(principal, run).state == "cancelled"
        assert cancel_run(principal, run).state == "cancelled"
        assert AuditEntry.objects.filter(verb="run.cancelled").count() == 1
    with pytest.raises(ValueError, match="not enough values"):
        run_now(run)
    assert stamps(tenant) == []


def test_a_run_that_is_over_stays_as_it_is_when_it_is_cancelled(tenant, principal, start):
    run = start()
    assert run_now(run) == "succeeded"
    with tenant_scope(tenant.pk):
        assert cancel_run(principal, run).state == "succeeded"


def test_failed_runs_are_listed_by_state_time_and_code_with_the_reason(tenant, principal, start, sink):
    sink.refused.add(b"hello")
    run = start()
    run_now(run)
    with tenant_scope(tenant.pk):
        (found,) = list_runs(principal, None, which=RunFilter(("failed", "dead")))
        assert (found.pk, found.error["code"]) == (run, "refused")
        assert not list_runs(principal, None, which=RunFilter(("succeeded",)))
        assert not list_runs(principal, None, which=RunFilter(until=timezone.now() - timedelta(hours=1)))
        assert list_runs(principal, found.app_id, which=RunFilter(error_code="refused")).count() == 1
        assert not list_runs(principal, None, which=RunFilter(error_code="other"))


def test_runs_that_failed_are_retried_together_at_a_rate(tenant, principal, start, sink):
    sink.refused.add(b"hello")
    first = start()
    with tenant_scope(tenant.pk):
        app_id = get_run(principal, first).app_id
        runs = [first, *(run_app(principal, app_id).pk for _ in range(2))]
    assert [run_now(run) for run in runs] == ["failed"] * 3
    sink.refused.clear()
    with tenant_scope(tenant.pk):
        replay = replay_runs(principal, app_id, which=RunFilter(error_code="refused"), per_minute=2, limit=2)
        assert (replay.matched, replay.queued, replay.refused, replay.left) == (2, 2, 0, True)
        one, two, three = Execution.objects.order_by("pk")
        assert two.run_at - one.run_at == timedelta(seconds=30)
        # A replay goes last: behind what somebody waits for, and behind what happens by itself.
        assert (one.priority, two.priority, three.priority) == (BACKLOG, BACKLOG, URGENT)
        assert (one.state, two.state, three.state) == ("queued", "queued", "failed")
        assert AuditEntry.objects.filter(verb="runs.replayed", target=f"app:{app_id}").count() == 1
    sink.refused.add(b"hello")
    assert run_now(runs[0]) == "failed"
    sink.refused.clear()
    with tenant_scope(tenant.pk):
        # Whoever presses the button waits for it.
        assert retry_run(principal, runs[0]).priority == URGENT
    assert run_now(runs[0]) == "succeeded"


def test_runs_are_run_again_together_with_the_newest_version(tenant, principal, start):
    first = start()
    assert run_now(first) == "succeeded"
    with tenant_scope(tenant.pk):
        app_id = get_run(principal, first).app_id
        which = RunFilter(("succeeded",), since=timezone.now() - timedelta(minutes=5))
        assert replay_runs(principal, app_id, way="again", which=which).queued == 1
        assert Execution.objects.filter(state="queued", version__number=1).count() == 1
        with pytest.raises(NotRunnable):
            replay_runs(principal, app_id, way="retry", which=which)


def test_running_again_goes_on_behind_the_last_run_of_the_call_before(tenant, principal, start):
    first = start()
    with tenant_scope(tenant.pk):
        app_id = get_run(principal, first).app_id
        runs = [first, *(run_app(principal, app_id).pk for _ in range(2))]
        Execution.objects.update(state="succeeded")
        which = RunFilter(("succeeded",))
        replay = replay_runs(principal, app_id, way="again", which=which, limit=2)
        assert (replay.matched, replay.left, replay.last) == (2, True, runs[1])
        rest = replay_runs(principal, app_id, way="again", which=replace(which, after=replay.last), limit=2)
        assert (rest.matched, rest.left, rest.last) == (1, False, runs[2])
        none = replay_runs(principal, app_id, way="again", which=replace(which, after=rest.last))
        assert (none.matched, none.last) == (0, 0)
        copied = Execution.objects.filter(state="queued").values_list("trigger_key", flat=True)
        assert [key.split(":")[1] for key in copied.order_by("pk")] == [str(run) for run in runs]


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize(("outcome", "told"), [("done", 1), ("failed", 2)])
def test_a_call_that_nobody_knows_of_is_settled_by_hand_and_the_retry_believes_it(
    tenant, principal, start, sink, outcome, told
):
    sink.silent.set()
    run = start(tell="tell_once")
    assert run_now(run) == "failed"
    sink.silent.clear()
    with tenant_scope(tenant.pk):
        (call,) = list_effects(principal, run)
        assert call.state == "unknown"
        settled = settle_effect(principal, run, call.pk, outcome, {"receipt": 7})
        assert settled.response == ({"receipt": 7} if outcome == "done" else None)
        assert AuditEntry.objects.get(verb="effect.settled").details["outcome"] == outcome
        with pytest.raises(EffectSettled):
            settle_effect(principal, run, call.pk, outcome)
        with pytest.raises(EffectNotFound):
            settle_effect(principal, run, call.pk + 1000, outcome)
        retry_run(principal, run)
    assert run_now(run) == "succeeded"
    assert len(sink.requests) == told
    assert stamps(tenant) == ["first", "second"]


def test_all_of_it_takes_the_permission_to_run_apps(tenant, principal, start):
    run = start()
    reader = Principal("user", 1, "A reader", tenant.pk, frozenset({"apps:read"}))
    with tenant_scope(tenant.pk):
        app_id = get_run(principal, run).app_id
        for deed in (
            lambda: retry_run(reader, run),
            lambda: run_again(reader, run),
            lambda: cancel_run(reader, run),
            lambda: settle_effect(reader, run, 1, "done"),
            lambda: replay_runs(reader, app_id, which=RunFilter()),
        ):
            with pytest.raises(PermissionRefused):
                deed()


@pytest.mark.requirement("SEC-01")
def test_another_tenants_runs_do_not_exist(other_tenant, start):
    run = start()
    rival = system_principal(other_tenant.pk, "a rival")
    with tenant_scope(other_tenant.pk):
        for deed in (retry_run, run_again, cancel_run, list_effects):
            with pytest.raises(RunNotFound):
                deed(rival, run)
