"""Taking events in (TRG-08)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps_engine.store.models import EventInbox
from decommerce.community.event_catalogue import EVENTS
from decommerce.tenancy.context import tenant_scope
from workers.intake import MOST_LOST, Intake
from workers.messages import Letter, envelopes_of

# Something happens so often in the middle of a transaction; the sequence keeps count beyond them.
TIMES = "times_of_the_test"
TROUBLE = """
CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF nextval('{times}') <= {most} THEN PERFORM {deed}; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trouble AFTER INSERT ON engine_eventinbox FOR EACH STATEMENT EXECUTE FUNCTION trouble();
"""
LOCK = 815_815


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


@pytest.mark.requirement("TRG-08")
@pytest.mark.parametrize(
    ("most", "deed"),
    [(6, "pg_terminate_backend(pg_backend_pid())"), (MOST_LOST + 1, f"pg_advisory_xact_lock({LOCK})")],
    ids=["connections that end", "a lock that is held"],
)
def test_an_event_is_not_to_blame_for_what_the_database_does_again_and_again(
    tenant, owner_connection, monkeypatch, most, deed
):
    monkeypatch.setattr("workers.intake.FIRST_WAIT", 0.01)
    monkeypatch.setattr("workers.intake.LONGEST_WAIT", 0.1)
    monkeypatch.setattr("apps_engine.services.ingest.LOCK_SECONDS", 0.01)
    (before,) = owner_connection.execute("SELECT count(*) FROM engine_deadletter").fetchone()
    owner_connection.execute(f"CREATE SEQUENCE {TIMES}; GRANT USAGE ON SEQUENCE {TIMES} TO public")
    owner_connection.execute(TROUBLE.format(times=TIMES, most=most, deed=deed))
    owner_connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        Intake(threading.Event()).take([envelope(tenant, 1)], [])
        (times,) = owner_connection.execute(f"SELECT last_value FROM {TIMES}").fetchone()
    finally:
        owner_connection.execute(f"DROP FUNCTION trouble CASCADE; DROP SEQUENCE {TIMES}")
        owner_connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.count() == 1
    assert times == most + 1
    assert owner_connection.execute("SELECT count(*) FROM engine_deadletter").fetchone() == (before,)


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
