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


def test_what_still_is_no_event_is_buried_anew(tenant):
    ingest([{**event(tenant), "type": "coffee.spilled"}])
    (letter,) = list_letters()
    assert requeue_letters([letter.pk]).dead == 1
    (again,) = list_letters()
    assert (again.code, again.pk > letter.pk) == (letter.code, True)
    with pytest.raises(LetterNotFound):
        requeue_letters([letter.pk])


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
    with pytest.raises(ProgrammingError):
        list(DeadLetter.objects.all())


def test_the_command_lists_refuses_and_drops(capsys):
    bury("not JSON", "not_json", "It is no JSON.")
    call_command("dead_letters", "list")
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["code"], listed["body"]) == ("not_json", "not JSON")
    with pytest.raises(CommandError, match="no JSON"):
        call_command("dead_letters", "requeue", str(listed["number"]))
    call_command("dead_letters", "drop", str(listed["number"]))
    assert list_letters() == []
