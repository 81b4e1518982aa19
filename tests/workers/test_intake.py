"""Taking events in (TRG-08)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps_engine.store.models import EventInbox
from decommerce.community.event_catalogue import EVENTS
from decommerce.tenancy.context import tenant_scope
from workers.intake import Intake
from workers.messages import Letter, envelopes_of


def envelope(tenant: Any, number: int, name: str = "Ada") -> dict[str, Any]:
    sample = EVENTS["member.joined"].sample
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "/test",
        "type": "member.joined",
        "tenantid": tenant.slug,
        "data": {"member": {**sample["member"], "display_name": name}},
    }


@pytest.mark.requirement("TRG-08")
def test_an_event_that_the_database_refuses_is_found_and_the_others_of_its_batch_are_taken_in(tenant, owner_connection):
    (last,) = owner_connection.execute("SELECT COALESCE(max(id), 0) FROM engine_deadletter").fetchone()
    # PostgreSQL stores no NUL; from the queue none gets this far.
    batch = [envelope(tenant, 1), envelope(tenant, 2, "A\0da"), *(envelope(tenant, number) for number in range(3, 250))]
    Intake(threading.Event()).take(batch, [])
    with tenant_scope(tenant.pk):
        taken = set(EventInbox.objects.values_list("event_id", flat=True))
    assert taken == {f"event-{number}" for number in range(1, 250)} - {"event-2"}
    found = "SELECT code, body LIKE %s FROM engine_deadletter WHERE id > %s"
    assert owner_connection.execute(found, ["%event-2%", last]).fetchall() == [("ingest_failed", True)]


def test_one_message_holds_one_event_or_a_batch_of_them():
    assert envelopes_of(b'{"a": 1}', "application/cloudevents+json") == [{"a": 1}]
    assert envelopes_of("[]", "application/cloudevents-batch+json") == []


def test_a_batch_may_be_larger_than_an_event_may():
    text = "x" * 600_000
    batch = f'["{text}", "{text}"]'
    assert len(envelopes_of(batch, "application/cloudevents-batch+json")) == 2
    letter = envelopes_of(f'{{"a": {batch}}}', "application/cloudevents+json")
    assert isinstance(letter, Letter)
    assert letter.code == "too_large"
