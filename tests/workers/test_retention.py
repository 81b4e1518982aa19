"""The task that clears old rows away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps_engine.store.models import EventInbox
from decommerce.tenancy.alone import alone
from decommerce.tenancy.context import tenant_scope
from workers.retention import clear_old


@pytest.mark.requirement("OPS-05")
def test_old_events_of_every_tenant_go_and_only_one_process_is_at_it(
    tenant, other_tenant, owner_connection, monkeypatch
):
    # Rows of this database do not grow old in the order of their numbers: one look has to see all of them.
    monkeypatch.setattr("decommerce.tenancy.retention.FIRST_STRETCH", 1_000_000)
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
    with owner_connection.transaction():
        owner_connection.execute("SET LOCAL session_replication_role = replica")
        owner_connection.execute(
            "UPDATE engine_eventinbox SET received_at = now() - interval '40 days' WHERE event_id = 'old'"
        )
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
