"""Dead letters on the operators' pages: read, taken in anew and thrown away, each of it logged (TRG-08, SEC-05)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, transaction

from apps_engine.services.dead_letters import list_letters
from apps_engine.services.ingest import bury, ingest
from apps_engine.store.models import DeadLetter, EventInbox
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.test_ingest import event
from tests.chat.test_settings_pages import words

pytestmark = pytest.mark.requirement("TRG-08")
ADDRESS = "/operators/engine/deadletter/"


@pytest.fixture(autouse=True)
def empty(owner_connection) -> None:
    """No letters of earlier tests."""
    owner_connection.execute("TRUNCATE engine_deadletter, django_admin_log")


def press(browser: Any, action: str, letter: DeadLetter) -> str:
    return words(browser.post(ADDRESS, {"action": action, "_selected_action": [letter.pk]}, follow=True))


def test_a_letter_is_taken_in_for_its_tenant_whichever_tenant_is_looked_at(
    in_tenant, make_tenant, owner_connection, operator
):
    late = make_tenant("Late")
    told = event(late)
    ingest([{**told, "tenantid": "not-there-yet"}])
    (letter,) = list_letters()
    page = words(in_tenant.get(ADDRESS))
    assert ("unknown_tenant" in page, "not-there-yet" in page) == (True, True)
    assert "1 still no event" in press(in_tenant, "requeue", letter)
    (letter,) = list_letters()
    assert 'data-label="times">2<' in words(in_tenant.get(ADDRESS))
    owner_connection.execute("UPDATE engine_deadletter SET body = replace(body, 'not-there-yet', %s)", [late.slug])
    assert "1 accepted" in press(in_tenant, "requeue", letter)
    assert list_letters() == []
    with tenant_scope(late.pk):
        assert EventInbox.objects.get().event_id == told["id"]
    assert {entry.user_id for entry in LogEntry.objects.all()} == {operator.pk}
    assert "taken in anew: unknown_tenant" in words(in_tenant.get("/operators/admin/logentry/"))


@pytest.mark.requirement("SEC-05")
def test_one_that_is_no_json_is_refused_then_thrown_away_and_the_log_does_not_hold_it(desk):
    bury("somebody's own text", "not_json", "It is no JSON.")
    (letter,) = list_letters()
    assert "is no JSON" in press(desk, "requeue", letter)
    assert "somebody's own text" in words(desk.get(f"{ADDRESS}{letter.pk}/change/"))
    assert "Thrown away: 1" in press(desk, "drop", letter)
    assert list_letters() == []
    told = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert [message.partition(":")[0] for message in told] == ["taken in anew", "thrown away"]
    assert "somebody" not in "".join(told)


@pytest.mark.requirement("SEC-05")
def test_nobody_changes_the_log(desk):
    bury("x", "not_json", "It is no JSON.")
    press(desk, "drop", list_letters()[0])
    for change in (lambda: LogEntry.objects.update(change_message="x"), lambda: LogEntry.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_payload_is_cut(desk):
    bury("y" * 9_000, "not_json", "It is no JSON.")
    (letter,) = list_letters()
    page = words(desk.get(f"{ADDRESS}{letter.pk}/change/"))
    assert ("and 5000 more characters" in page, "y" * 4_001 in page) == (True, False)
