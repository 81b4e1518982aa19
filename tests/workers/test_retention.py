"""The task that clears old rows away."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps_engine.store.models import EventInbox
from decommerce.tenancy.alone import alone
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.retention import rules
from workers.retention import MOST_TURNS, clear_old

QUEUE = f"{settings.QUEUE_NAMESPACE}:maintenance"


def make_old(owner_connection) -> None:
    """As if the events “old” had been kept for long enough."""
    with owner_connection.transaction():
        owner_connection.execute("SET LOCAL session_replication_role = replica")
        owner_connection.execute(
            "UPDATE engine_eventinbox SET received_at = now() - interval '40 days' WHERE event_id = 'old'"
        )


@pytest.fixture
def hinted(redis):
    """Take the next hint from the queue, where there was none at first: what the task is called with."""

    def take() -> list | None:
        raw = redis.rpop(QUEUE)
        return raw and json.loads(b64decode(json.loads(raw)["body"]))[0]

    redis.delete(QUEUE)
    yield take
    redis.delete(QUEUE)


@pytest.mark.requirement("OPS-05")
def test_old_events_of_every_tenant_go_and_only_one_process_is_at_it(
    tenant, other_tenant, owner_connection, monkeypatch
):
    # Rows of this database do not grow old in the order of their numbers: one look has to see all of them.
    monkeypatch.setattr("decommerce.tenancy.retention.FIRST_STRETCH", 1_000_000)
    monkeypatch.setattr("workers.retention.TURN_SECONDS", 60.0)
    # What other tests made old goes first.
    clear_old()
    for one in (tenant, other_tenant):
        with tenant_scope(one.pk):
            for key in ("old", "young"):
                EventInbox.objects.create(
                    event_id=key, source="/b", dedupe_key=key, type="member.joined", time=timezone.now(), data={}
                )
    for key, days in (("over", -1), ("good", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    make_old(owner_connection)
    owner_connection.execute("SELECT pg_advisory_lock(hashtext('decommerce.retention'))")
    assert clear_old() == {}
    owner_connection.execute("SELECT pg_advisory_unlock(hashtext('decommerce.retention'))")
    assert clear_old()["events"] == 2
    for one in (tenant, other_tenant):
        with tenant_scope(one.pk):
            assert list(EventInbox.objects.values_list("event_id", flat=True)) == ["young"]
    assert list(Session.objects.filter(session_key__in=("over", "good")).values_list("session_key", flat=True)) == [
        "good"
    ]
    with alone("retention") as free:
        assert free


@pytest.mark.requirement("RUN-01")
def test_a_turn_that_is_over_leaves_the_worker_to_runs_and_the_next_goes_on_where_it_ended(hinted, monkeypatch):
    monkeypatch.setattr("workers.retention.TURN_SECONDS", 0.0)
    monkeypatch.setattr("decommerce.tenancy.retention.FIRST_STRETCH", 1_000_000)
    seen = [*clear_old()]
    while place := hinted():
        seen += clear_old(*place)
    assert sorted(seen) == [kept.rule.name for kept in rules()]


def test_of_a_rule_that_is_not_through_only_rows_behind_its_place_are_left(
    hinted, tenant, owner_connection, monkeypatch
):
    monkeypatch.setattr("workers.retention.TURN_SECONDS", 0.0)
    monkeypatch.setattr("decommerce.tenancy.retention.FIRST_STRETCH", 1)
    with tenant_scope(tenant.pk):
        first, *_ = sorted(
            EventInbox.objects.create(
                event_id="old", source="/p", dedupe_key=key, type="member.joined", time=timezone.now(), data={}
            ).pk
            for key in ("one", "two")
        )
    make_old(owner_connection)
    assert clear_old(["events"], first - 1) == {"events": 1}
    assert hinted() == [["events"], first, MOST_TURNS - 1]
    assert clear_old(["events"], first, 1) == {"events": 1}
    assert hinted() is None, "that was the last turn of the round"
