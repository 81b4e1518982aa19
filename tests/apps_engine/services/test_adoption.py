"""Runs that wait and never began take the version that corrected their app as it is resumed (APP-06, RUN-06)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from apps_engine.services.apps import create_app, pause_app, resume_app, update_app
from apps_engine.services.backlog import backlog_of, going_on
from apps_engine.services.batch import execute_batch
from apps_engine.services.enqueue import BACKLOG
from apps_engine.services.ingest import ingest
from apps_engine.services.replays import replay_runs
from apps_engine.services.retries import retry_run
from apps_engine.services.runs import RunFilter, run_app
from apps_engine.store.batches import Batch, claim_line, hand_back, lines
from apps_engine.store.claims import requeue_expired
from apps_engine.store.models import App, Execution
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = [pytest.mark.requirement("APP-06"), pytest.mark.requirement("RUN-06")]
POSTS = {"id": "posts", "fetch": "posts", "limit": 1}
TELL = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "Hello"}}
QUEUE = {"concurrency": {"mode": "queue"}, "retry": {"max_attempts": 1}}
TASTE = {"type": "object", "properties": {"taste": {"type": "string", "default": "sweet"}}}


def telling(title: str, **more: Any) -> dict[str, Any]:
    """Looks at a post and tells the admins something, which may be what cannot be told."""
    return definition([POSTS, {**TELL, "params": {**TELL["params"], "title": title}}], settings=QUEUE, **more)


def welcoming(last: str) -> dict[str, Any]:
    """Greets who joined, and a day later runs the flow named `last`."""
    sequence = [{"delay": "1h", "flow": "hello"}, {"delay": "1d", "flow": last}]
    trigger = {"id": "joined", "type": "delayed", "event": "member.joined", "flow": "hello", "sequence": sequence}
    return {**definition([]), "triggers": [trigger], "flows": {"hello": {"steps": [TELL]}, "gift": {"steps": [TELL]}}}


def joined(tenant) -> dict[str, Any]:
    """Somebody joins."""
    envelope = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/test", "type": "member.joined"}
    return {**envelope, "tenantid": tenant.slug, "data": dict(EVENTS["member.joined"].sample)}


BROKEN, MENDED = telling("Number {{ posts[99].id }}"), telling("It is so")


@pytest.fixture
def app(tenant, principal):
    """An app that fails at its second step."""
    with tenant_scope(tenant.pk):
        return create_app(principal, BROKEN)


@pytest.fixture
def versions(tenant):
    """The versions of the runs that wait, in their order."""

    def read() -> list[int]:
        with tenant_scope(tenant.pk):
            queued = Execution.objects.filter(state="queued").order_by("pk")
            return list(queued.values_list("version__number", flat=True))

    return read


def test_what_waits_behind_five_failures_runs_with_the_version_that_mends_them(tenant, principal, app, versions):
    with tenant_scope(tenant.pk):
        runs = [run_app(principal, app.pk).pk for _ in range(8)]
    assert [run_now(run) for run in runs[:5]] == ["failed"] * 5
    with tenant_scope(tenant.pk):
        assert App.objects.get().status == "error"
        update_app(principal, app.pk, MENDED)
        assert versions() == [1, 1, 1]
        what = "3 runs wait and go on when it is resumed; what never began takes version 2 where that starts it"
        assert what in (backlog_of(App.objects.get()) or "")
        assert going_on(resume_app(principal, app.pk)) == "3 runs that waited go on, with version 2."
    assert [run_now(run) for run in runs[5:]] == ["succeeded"] * 3


def test_a_run_that_began_keeps_its_version(tenant, principal, app, versions):
    with tenant_scope(tenant.pk):
        began, _ = [run_app(principal, app.pk).pk for _ in range(2)]
    assert run_now(began) == "failed"
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk)
        retry_run(principal, began)
        update_app(principal, app.pk, MENDED)
        told = going_on(resume_app(principal, app.pk))
    assert told == "2 runs that waited go on, 1 of them with version 2."
    assert versions() == [1, 2]


def claimed_together(runs: list[int]) -> Batch:
    """A worker takes all of them as one batch."""
    (line,) = lines(runs)
    batch = claim_line("the test", line, 100)
    assert batch is not None
    assert len(batch.runs) == len(runs)
    return batch


def mend(principal, app) -> None:
    pause_app(principal, app.pk)
    update_app(principal, app.pk, MENDED)
    resume_app(principal, app.pk)


def test_runs_that_fell_out_of_a_batch_with_nothing_done_never_began(tenant, principal, app, versions):
    with tenant_scope(tenant.pk):
        runs = [run_app(principal, app.pk).pk for _ in range(3)]
    batch = claimed_together(runs)
    with tenant_scope(tenant.pk):
        hand_back(batch.runs)
        mend(principal, app)
    assert versions() == [2, 2, 2]


@pytest.mark.parametrize("mode", ["queue", "parallel"])
def test_runs_whose_batch_was_killed_with_its_worker_never_began(tenant, principal, versions, owner_connection, mode):
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**BROKEN, "settings": {"concurrency": {"mode": mode}}})
        runs = [run_app(principal, app.pk).pk for _ in range(3)]
    claimed_together(runs)
    owner_connection.execute("UPDATE engine_execution SET lease_until = now() - interval '1 s' WHERE state = 'running'")
    assert requeue_expired()
    with tenant_scope(tenant.pk):
        mend(principal, app)
    assert versions() == [2, 2, 2]


def test_a_batch_at_work_with_runs_that_took_another_version_is_undone(tenant, principal, make_admin, versions):
    make_admin(tenant)
    with tenant_scope(tenant.pk):
        app = create_app(principal, telling("As it was"))
        runs = [run_app(principal, app.pk).pk for _ in range(3)]
    batch = claimed_together(runs)
    with tenant_scope(tenant.pk):
        mend(principal, app)
        assert versions() == [2, 2], "the first is at work"
    assert sorted(execute_batch(batch)) == runs
    assert [run_now(run) for run in runs] == ["succeeded"] * 3
    with tenant_scope(tenant.pk):
        told = Notification.objects.order_by("pk").values_list("title", flat=True)
        assert list(told) == ["As it was", "It is so", "It is so"]


@pytest.mark.parametrize("at_work", [False, True])
def test_only_runs_that_no_batch_has_had_may_join_one_with_their_new_version(tenant, principal, app, at_work):
    with tenant_scope(tenant.pk):
        runs = [run_app(principal, app.pk).pk for _ in range(3)]
    if at_work:
        claimed_together(runs)
    with tenant_scope(tenant.pk):
        mend(principal, app)
    assert bool(lines(runs)) is not at_work


@pytest.mark.parametrize(
    "other",
    [
        {"triggers": [{"id": "another", "type": "manual", "flow": "main"}]},
        {"triggers": [{"id": "start", "type": "manual", "flow": "second"}]},
        {"triggers": [{"id": "start", "type": "scheduled", "cron": "0 9 * * 1", "timezone": "UTC", "flow": "main"}]},
        {"inputs": TASTE},
        {"settings": {"concurrency": {"mode": "queue", "key": "one"}}},
    ],
)
def test_a_version_that_does_not_start_them_as_their_own_did_leaves_them_theirs(
    tenant, principal, app, versions, other
):
    changed = {**MENDED, "flows": {**MENDED["flows"], "second": {"steps": [TELL]}}, **other}
    with tenant_scope(tenant.pk):
        run_app(principal, app.pk)
        pause_app(principal, app.pk)
        update_app(principal, app.pk, changed)
        told = going_on(resume_app(principal, app.pk))
    assert told.startswith("One run that waited goes on, with the version it has.")
    assert versions() == [1]


@pytest.mark.requirement("RUN-01")
@pytest.mark.parametrize(
    ("concurrency", "places"),
    [
        ({"mode": "parallel"}, (False, 1)),
        ({"mode": "parallel", "max": 3}, (True, 3)),
        ({"mode": "queue"}, (True, 1)),
    ],
)
def test_how_many_run_at_once_is_what_the_version_says_that_they_take(tenant, principal, app, concurrency, places):
    with tenant_scope(tenant.pk):
        run_app(principal, app.pk)
        pause_app(principal, app.pk)
        update_app(principal, app.pk, {**MENDED, "settings": {"concurrency": concurrency}})
        resume_app(principal, app.pk)
        assert Execution.objects.values_list("version__number", "exclusive", "slots").get() == (2, *places)


def test_what_an_active_app_has_waiting_keeps_its_version(tenant, principal, app, versions):
    with tenant_scope(tenant.pk):
        run_app(principal, app.pk)
        update_app(principal, app.pk, MENDED)
        resume_app(principal, app.pk)
    assert versions() == [1]


@pytest.mark.parametrize(("last", "expected"), [("gift", 2), ("hello", 1)])
def test_a_delayed_run_takes_the_version_only_where_every_delay_starts_the_flow_that_it_did(
    tenant, principal, versions, last, expected
):
    with tenant_scope(tenant.pk):
        app = create_app(principal, welcoming("gift"))
    assert len(ingest([joined(tenant)]).executions) == 2
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk)
        update_app(principal, app.pk, welcoming(last))
        resume_app(principal, app.pk)
    assert versions() == [expected, expected]


@pytest.mark.requirement("RUN-13")
def test_the_runs_of_a_replay_begin_at_its_rate_after_a_pause_too(tenant, principal, app):
    with tenant_scope(tenant.pk):
        runs = [run_app(principal, app.pk).pk for _ in range(4)]
        Execution.objects.update(state="failed", started_at=timezone.now())
        assert replay_runs(principal, app.pk, which=RunFilter(), per_minute=2).queued == 4
        task = run_app(principal, app.pk).pk
        Execution.objects.filter(pk=task).update(trigger_key="task::1", priority=BACKLOG)
        pause_app(principal, app.pk)
        Execution.objects.update(run_at=F("run_at") - timedelta(hours=1))
        kept = Execution.objects.get(pk=task).run_at
        resume_app(principal, app.pk)
        now = timezone.now()
        begin = list(Execution.objects.filter(pk__in=runs).order_by("pk").values_list("run_at", flat=True))
        assert now - timedelta(minutes=1) < begin[0] <= now
        assert [later - earlier for earlier, later in pairwise(begin)] == [timedelta(seconds=30)] * 3
        assert Execution.objects.get(pk=task).run_at == kept
        resume_app(principal, pause_app(principal, app.pk).pk)
        again = Execution.objects.filter(pk__in=runs).latest("run_at").run_at
        assert again - begin[-1] < timedelta(minutes=1), "a short pause puts them off by as much"
