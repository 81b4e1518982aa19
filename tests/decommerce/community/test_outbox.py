"""Events leave with the change they tell of: on the queue after the commit, or waiting in the table (TRG-08)."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from decimal import Decimal

import psycopg
import pytest
from django.db import ProgrammingError, connections, transaction

from decommerce.community import publisher
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import OutboxEvent
from decommerce.community.outbox import NewEvent, PayloadInvalid, UnknownEvent, check_payload, emit, emit_many, settle
from decommerce.community.publisher import relay_pending
from decommerce.operations import broker
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("TRG-08")
POST_CREATED = EVENTS["post.created"].sample


@pytest.fixture(autouse=True)
def empty_outbox(owner_connection) -> None:
    """Nothing that earlier tests of this process left behind goes out here."""
    owner_connection.execute("DELETE FROM community_outboxevent")


@pytest.fixture
def broker_down(settings):
    """The broker's address leads nowhere."""
    working = settings.CELERY_BROKER_URL
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    broker.broker_connection.cache_clear()
    yield lambda: _restore(settings, working)
    _restore(settings, working)


def _restore(settings, working):
    settings.CELERY_BROKER_URL = working
    broker.broker_connection.cache_clear()


def _age(owner_connection, tenant):
    owner_connection.execute(
        "UPDATE community_outboxevent SET created_at = created_at - interval '1 minute' WHERE tenant_id = %s",
        [tenant.pk],
    )


def _waiting(tenant) -> int:
    """How many events nobody has published yet."""
    with tenant_scope(tenant.pk):
        return OutboxEvent.objects.filter(published_at=None).count()


def _lose(owner_connection, tenant, seconds: int = 61) -> None:
    """A minute has passed since the tenant's events were published, and none arrived."""
    owner_connection.execute(
        "UPDATE community_outboxevent SET created_at = created_at - interval '2 minutes', "
        "published_at = published_at - make_interval(secs => %s) WHERE tenant_id = %s",
        [seconds, tenant.pk],
    )


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_the_sample_of_every_event_matches_its_schema(event):
    check_payload(event.name, event.sample)


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_every_untrusted_field_exists_in_the_sample(event):
    for path in event.untrusted_fields:
        value = event.sample
        for name in path.split("."):
            value = value[name]
        assert isinstance(value, str)


def test_an_envelope_is_cloudevents_and_says_whose_and_why(tenant, principal, published):
    cause = Cause(principal, app_id=9, chain=(4, 9))
    with tenant_scope(tenant.pk), caused_by(cause):
        event_id = emit("post.created", POST_CREATED, subject="post/812", key="post.created:812")
    (envelope,) = published.envelopes(tenant)
    assert envelope.pop("time").endswith("Z")
    assert envelope == {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/tenants/{tenant.slug}/community",
        "type": "post.created",
        "subject": "post/812",
        "datacontenttype": "application/json",
        "tenantid": tenant.slug,
        "chain": "4,9",
        "dedupekey": "post.created:812",
        "data": POST_CREATED,
    }
    assert published.messages_of(tenant)[0].content_type == "application/cloudevents+json"
    assert _waiting(tenant) == 0


def test_an_event_without_a_key_is_its_own_key(tenant, published):
    with tenant_scope(tenant.pk):
        event_id = emit("post.created", POST_CREATED)
    (envelope,) = published.envelopes(tenant)
    assert envelope["dedupekey"] == event_id


def test_all_events_of_a_transaction_travel_in_one_message_in_their_order(tenant, published):
    with tenant_scope(tenant.pk):
        emit_many([NewEvent("post.created", POST_CREATED, f"post/{number}") for number in range(3)])
        emit("room.created", EVENTS["room.created"].sample)
    envelopes = published.envelopes(tenant)
    assert [envelope["subject"] for envelope in envelopes] == ["post/0", "post/1", "post/2", "room.created"]
    (message,) = published.messages_of(tenant)
    assert message.content_type == "application/cloudevents-batch+json"


def test_money_stays_exact_on_its_way(tenant, published):
    with tenant_scope(tenant.pk):
        emit("order.created", EVENTS["order.created"].sample)
    (message,) = published.messages_of(tenant)
    data = json.loads(message.body, parse_float=Decimal)["data"]
    assert str(data["order"]["total_price"]) == "49.00"


def test_nothing_is_published_when_the_change_rolls_back(tenant, published):
    with tenant_scope(tenant.pk):
        emit("post.created", POST_CREATED)
        transaction.set_rollback(True)
    assert published.envelopes(tenant) == []
    assert _waiting(tenant) == 0


def test_a_savepoint_that_rolls_back_takes_its_events_along_and_no_others(tenant, published):
    with tenant_scope(tenant.pk):
        with transaction.atomic():
            emit("post.created", POST_CREATED, subject="undone")
            transaction.set_rollback(True)
        emit("post.created", POST_CREATED, subject="kept")
    assert [envelope["subject"] for envelope in published.envelopes(tenant)] == ["kept"]


def test_events_wait_while_the_broker_is_down_and_the_relay_publishes_them(
    tenant, other_tenant, published, broker_down, owner_connection, caplog
):
    with caplog.at_level(logging.WARNING):
        for each in (tenant, other_tenant):
            with tenant_scope(each.pk):
                emit("post.created", POST_CREATED)
    assert "stay in the outbox" in caplog.text
    assert (_waiting(tenant), _waiting(other_tenant)) == (1, 1)
    for each in (tenant, other_tenant):
        _age(owner_connection, each)
    assert relay_pending() == 0
    broker_down()
    assert relay_pending() >= 2
    assert [len(published.messages_of(each)) for each in (tenant, other_tenant)] == [1, 1]
    assert (_waiting(tenant), _waiting(other_tenant)) == (0, 0)


def test_the_relay_goes_on_in_batches_until_nothing_is_left(tenant, published, broker_down, owner_connection):
    with tenant_scope(tenant.pk):
        emit_many([NewEvent("post.created", POST_CREATED, f"post/{n}") for n in range(publisher.MAX_BATCH + 1)])
    _age(owner_connection, tenant)
    broker_down()
    relay_pending()
    subjects = [envelope["subject"] for envelope in published.envelopes(tenant)]
    assert subjects == [f"post/{n}" for n in range(publisher.MAX_BATCH + 1)]
    assert len(published.messages_of(tenant)) == 2


def test_the_relay_leaves_alone_what_another_process_is_publishing(
    tenant, published, broker_down, owner_connection, database
):
    with tenant_scope(tenant.pk):
        emit("post.created", POST_CREATED)
    _age(owner_connection, tenant)
    broker_down()
    with psycopg.connect(database) as other:
        other.execute("SELECT id FROM community_outboxevent WHERE tenant_id = %s FOR UPDATE", [tenant.pk])
        relay_pending()
        assert published.envelopes(tenant) == []
    relay_pending()
    assert len(published.envelopes(tenant)) == 1


def test_the_relay_may_see_that_events_wait_and_not_what_they_say():
    with connections["scheduler"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("SELECT envelope FROM community_outboxevent")


def test_an_unknown_event_is_refused(tenant):
    with tenant_scope(tenant.pk), pytest.raises(UnknownEvent, match="no event “post.exploded”"):
        emit("post.exploded", {})


def test_data_that_breaks_the_schema_is_refused_with_each_path(tenant):
    data = {"post": {**POST_CREATED["post"], "score": "many", "extra": 1}, "author": POST_CREATED["author"]}
    with tenant_scope(tenant.pk), pytest.raises(PayloadInvalid) as refused:
        emit("post.created", data)
    assert refused.value.code == "event_payload_invalid"
    assert {fault["path"] for fault in refused.value.faults} == {"post", "post.score"}
    assert _waiting(tenant) == 0


@pytest.mark.requirement("TRG-08")
def test_an_event_that_the_queue_lost_is_published_again_after_a_minute(tenant, published, owner_connection):
    with tenant_scope(tenant.pk):
        emit("post.created", POST_CREATED, subject="post/812")
    (first,) = published.envelopes(tenant)
    relay_pending()
    assert published.envelopes(tenant) == []
    _lose(owner_connection, tenant)
    relay_pending()
    (again,) = published.envelopes(tenant)
    assert again == first


@pytest.mark.requirement("TRG-08")
def test_an_event_that_arrived_is_never_published_again(tenant, published, owner_connection):
    with tenant_scope(tenant.pk):
        event_id = emit("post.created", POST_CREATED)
    published.drain()
    with tenant_scope(tenant.pk):
        settle([event_id])
    _lose(owner_connection, tenant)
    relay_pending()
    assert published.envelopes(tenant) == []


def test_an_event_that_never_arrives_goes_round_ever_more_slowly_and_is_never_given_up(
    tenant, published, owner_connection
):
    with tenant_scope(tenant.pk):
        emit("post.created", POST_CREATED)
    rounds = [1] * 9 + [2, 4, 8, 16, 32, 64, 64, 64]
    for minutes in rounds:
        _lose(owner_connection, tenant, minutes * 60 - 5)
        assert relay_pending() == 0
        _lose(owner_connection, tenant, 10)
        assert relay_pending() == 1
    assert len(published.messages_of(tenant)) == 1 + len(rounds)
    with tenant_scope(tenant.pk):
        assert OutboxEvent.objects.get().attempts == 1 + len(rounds)


def test_events_stay_in_the_outbox_while_too_much_waits_and_go_out_together_once_it_is_read(
    tenant, published, owner_connection, monkeypatch
):
    published.envelopes(tenant)
    monkeypatch.setattr(publisher, "MOST_WAITING", 3)
    monkeypatch.setattr(publisher, "GLANCE_SECONDS", 0)
    monkeypatch.setattr(publisher, "_lines", defaultdict(publisher._Line))
    for number in range(8):
        with tenant_scope(tenant.pk):
            emit("post.created", POST_CREATED, key=f"post:{number}")
    assert len(published.envelopes(tenant)) == 3
    _age(owner_connection, tenant)
    assert relay_pending() == 5
    assert len(published.envelopes(tenant)) == 5


def test_what_is_left_behind_goes_out_in_turns_and_the_next_time_it_is_another_tenants(
    tenant, other_tenant, published, broker_down, owner_connection, monkeypatch
):
    monkeypatch.setattr(publisher, "MAX_BATCH", 30)
    monkeypatch.setattr(publisher, "GLANCE_SECONDS", 0)
    monkeypatch.setattr(publisher, "_turns", publisher._Turns())
    for each in (tenant, other_tenant):
        with tenant_scope(each.pk):
            emit_many([NewEvent("post.created", POST_CREATED, f"post/{n}") for n in range(150)])
        _age(owner_connection, each)
    broker_down()
    first, second = sorted((tenant, other_tenant), key=lambda each: each.pk)
    whose = []
    for room in (3, 1, 1, 2):
        monkeypatch.setattr(publisher, "MOST_BEFORE_A_BURST", room)
        monkeypatch.setattr(publisher, "_lines", defaultdict(publisher._Line))
        assert relay_pending() == room * 30
        whose.append([published.tenant_of(message, (first, second)) for message in published.drain()])
    assert whose == [[first, second, first], [second], [first], [second, first]]
