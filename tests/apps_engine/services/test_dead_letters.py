"""Messages that were no events are read, put back and thrown away by operators, and by nobody else."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from apps_engine.language.jsontext import dumps
from apps_engine.services.dead_letters import list_letters, requeue_letters
from apps_engine.services.errors import LetterNotFound
from apps_engine.services.ingest import bury, ingest
from apps_engine.store.models import DeadLetter, EventInbox
from decommerce.community.publisher import EVENT_CONTENT_TYPE
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.test_ingest import event
from workers.messages import MOST_BYTES

pytestmark = pytest.mark.requirement("TRG-08")


@pytest.fixture(autouse=True)
def empty(owner_connection) -> None:
    """No letters of earlier tests."""
    owner_connection.execute("TRUNCATE engine_deadletter")


def test_a_letter_is_taken_in_once_its_tenant_is_there(make_tenant, owner_connection):
    tenant = make_tenant("Late")
    told = event(tenant)
    ingest([{**told, "tenantid": "not-there-yet"}])
    (letter,) = list_letters(code="unknown_tenant")
    owner_connection.execute("UPDATE engine_deadletter SET body = replace(body, 'not-there-yet', %s)", [tenant.slug])
    assert requeue_letters([letter.pk]).accepted == 1
    assert list_letters() == []
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.get().event_id == told["id"]


def test_what_still_is_no_event_stays_and_is_buried_anew_where_the_reason_is_another_today(tenant):
    told = {**event(tenant), "type": "coffee.spilled"}
    ingest([told])
    bury(told, "ingest_failed", "The engine was at fault.")
    failed, unknown = list_letters()
    assert requeue_letters([unknown.pk]).dead == 1
    assert requeue_letters([failed.pk]).dead == 1
    (letter,) = list_letters()
    assert (letter.pk, letter.code, letter.times) == (unknown.pk, "unknown_event", 3)
    with pytest.raises(LetterNotFound):
        requeue_letters([failed.pk])


def test_an_event_that_is_refused_at_each_publication_is_one_letter_and_says_how_often(tenant, capsys):
    told = {**event(tenant), "type": "coffee.spilled"}
    ingest([told, {**told, "id": "another"}])
    ingest([dict(reversed(told.items()))])
    ingest([told])
    another, letter = list_letters()
    assert (another.times, letter.times) == (1, 3)
    assert letter.last_at > letter.received_at
    bury(told, "ingest_failed", "The engine was at fault.")
    assert len(list_letters()) == 3, "this is another reason"
    call_command("dead_letters", "list", "--code", "unknown_event")
    listed = json.loads(capsys.readouterr().out)
    assert [one["times"] for one in listed] == [1, 3]
    assert listed[0]["last_at"] == listed[0]["received_at"]
    assert listed[1]["last_at"] > listed[1]["received_at"]


def test_an_event_as_long_as_the_queue_takes_is_kept_whole_and_what_is_longer_is_cut(tenant):
    most = MOST_BYTES[EVENT_CONTENT_TYPE]
    told = {**event(tenant), "note": ""}
    told["note"] = "x" * (most - len(dumps(told)))
    bury(told, "ingest_failed", "The engine was at fault.")
    bury("y" * (most + 1), "not_json", "It is no JSON.")
    cut, whole = list_letters()
    assert len(cut.body) == len(whole.body) == most
    assert requeue_letters([whole.pk]).accepted == 1
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.get().event_id == told["id"]


def test_the_runtime_cannot_read_letters():
    bury("not JSON", "not_json", "It is no JSON.")
    bury("not JSON", "not_json", "It is no JSON.")
    for column in ("body", "reason", "code"):
        with pytest.raises(ProgrammingError):
            list(DeadLetter.objects.values_list(column))


def test_the_command_lists_refuses_and_drops(capsys):
    bury("not JSON", "not_json", "It is no JSON.")
    call_command("dead_letters", "list")
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["code"], listed["body"]) == ("not_json", "not JSON")
    with pytest.raises(CommandError, match="no JSON"):
        call_command("dead_letters", "requeue", str(listed["number"]))
    call_command("dead_letters", "drop", str(listed["number"]))
    assert list_letters() == []
