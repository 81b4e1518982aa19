"""Letting runs in: what a few at once cost, and what they find where there is no room (RUN-07)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import EXECUTIONS, in_words
from apps_engine.services.replays import replay_runs
from apps_engine.services.runs import RunFilter
from apps_engine.services.tick import tick
from apps_engine.store.models import Execution, QuotaUse, Schedule
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.test_ingest import event
from tests.apps_engine.services.test_quotas import TELL, allow, used

pytestmark = pytest.mark.requirement("RUN-07")


@pytest.mark.parametrize(("on_quota", "now", "later"), [("skip", 2, 0), ("reschedule", 2, 1)])
def test_of_a_few_at_once_those_that_find_no_room_wait_or_are_told_and_the_rest_run(
    tenant, principal, on_quota, now, later
):
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"on_quota": on_quota}})
    allow(tenant, EXECUTIONS, 2)
    events = [event(tenant) for _ in range(3)]
    assert len(ingest(events).executions) == now + later
    with tenant_scope(tenant.pk):
        runs = list(Execution.objects.order_by("pk"))
        waiting = [run for run in runs if run.run_at > datetime.now(UTC)]
        assert [run.trigger["event"]["id"] for run in runs] == [one["id"] for one in events][: now + later]
        assert len(waiting) == later
    assert used(tenant, EXECUTIONS) == 2
    allow(tenant, EXECUTIONS, 10)
    assert len(ingest([event(tenant)]).executions) == 1
    # What was put off goes at once when more is allowed, and counts there.
    assert used(tenant, EXECUTIONS) == 3 + later


@pytest.mark.requirement("RUN-13")
def test_a_replay_counts_in_the_hours_in_which_its_runs_begin_and_leaves_the_present_one_to_others(tenant, principal):
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "parallel"}}})
    allow(tenant, EXECUTIONS, 100)
    ingest([event(tenant)])
    with tenant_scope(tenant.pk):
        Execution.objects.update(state="failed")
        run = Execution.objects.get()
        shown = {field.attname: getattr(run, field.attname) for field in Execution._meta.concrete_fields}
        Execution.objects.bulk_create(
            Execution(**{**shown, "id": None, "trigger_key": f"more:{number}"}) for number in range(149)
        )
        replay = replay_runs(principal, app.pk, way="again", which=RunFilter(), per_minute=1)
        assert (replay.queued, replay.refused) == (150, 0)
        begin = Execution.objects.filter(state="queued").values_list("run_at", flat=True)
        by_hour = Counter(instant.replace(minute=0, second=0, microsecond=0) for instant in begin)
        uses = dict(QuotaUse.objects.filter(name=EXECUTIONS).values_list("starts_at", "used"))
    assert uses == by_hour + Counter([min(by_hour)])
    assert len(ingest([event(tenant)]).executions) == 1
    allow(tenant, EXECUTIONS, 1)
    with tenant_scope(tenant.pk):
        refused = replay_runs(principal, app.pk, way="again", which=RunFilter(), per_minute=1)
        assert (refused.queued, refused.refused) == (0, 150)
        assert "it may have this hour" in refused.reason


def test_what_is_used_up_is_said_of_an_hour_to_come():
    begins = datetime(2026, 11, 21, 9, tzinfo=UTC)
    sentence = in_words(EXECUTIONS, 5, 5, begins + timedelta(hours=1), begins)
    assert "it may have in the hour from 2026-11-21 09:00 UTC; there are new ones at 2026-11-21 10:00 UTC." in sentence


def test_a_run_that_was_there_already_uses_nothing(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], {"type": "scheduled", "cron": "0 * * * *"}))
        due = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        Schedule.objects.update(next_fire_at=due)
    assert tick() == 1
    with tenant_scope(tenant.pk):
        Execution.objects.update(state="succeeded")
        Schedule.objects.update(next_fire_at=due)
    assert tick() == 0
    assert used(tenant, EXECUTIONS) == 1
