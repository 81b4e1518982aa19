"""Notifications on members' devices, from the outbox through the worker to the browser (ACT-01)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Member, MessageState, OutboundMessage
from decommerce.push.messages import NewPush, queue_pushes
from decommerce.push.models import PushSubscription
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member
from tests.decommerce.outgoing.conftest import authority
from tests.decommerce.outgoing.receiver import reply
from tests.decommerce.push.browser import Browser
from tests.decommerce.push.push_service import ACCEPTED, PushService
from workers.delivery import MOST_ATTEMPTS, deliver_due
from workers.push import NO_DEVICE

__all__ = ["authority"]

pytestmark = pytest.mark.requirement("ACT-01")


@pytest.fixture
def push_service(authority, settings) -> Iterator[PushService]:
    """The push service that the settings let through."""
    service = PushService(authority, settings)
    yield service
    service.stop()


@pytest.fixture
def member(tenant, quiet) -> Member:
    """A member, in a quiet database."""
    with tenant_scope(tenant.pk):
        return a_member()


@pytest.fixture
def sign_up(tenant, member, push_service) -> Callable[..., Browser]:
    """Another browser of the member, whose service answers so."""

    def sign(answer=ACCEPTED) -> Browser:
        with tenant_scope(tenant.pk):
            return push_service.sign_up(member.pk, answer)

    return sign


@pytest.fixture
def queue(tenant, member) -> Callable[..., OutboundMessage]:
    """A push for the member, in the outbox."""

    def write(**fields: str) -> OutboundMessage:
        new = NewPush(member.pk, **{"title": "Hello", "idem_key": "run:8:main/tell#1", **fields})
        with tenant_scope(tenant.pk):
            assert queue_pushes([new]) == ["queued"]
            return OutboundMessage.objects.get(channel="push")

    return write


def test_every_device_of_the_member_shows_the_message(sign_up, queue, push_service, message):
    phone, laptop = sign_up(), sign_up()
    queued = queue(text="A new post <b>for</b> you", link="/community/posts/4/")
    assert deliver_due() == 1
    assert deliver_due() == 0
    newest, oldest = push_service.received
    shown = json.loads(laptop.read(newest.body))
    assert shown == json.loads(phone.read(oldest.body))
    assert (shown["title"], shown["body"], shown["link"]) == (
        "Hello",
        "A new post <b>for</b> you",
        "/community/posts/4/",
    )
    assert shown["tag"] == newest.headers["topic"]
    assert (message(queued.pk).state, message(queued.pk).last_error) == (MessageState.SENT, "")


def test_a_device_that_is_gone_is_forgotten_and_the_others_are_told(sign_up, queue, message, tenant):
    sign_up(reply("410 Gone"))
    sign_up()
    queued = queue()
    deliver_due()
    assert message(queued.pk).state == MessageState.SENT
    with tenant_scope(tenant.pk):
        assert PushSubscription.objects.count() == 1


def test_when_every_device_is_gone_the_message_has_failed(sign_up, queue, message, tenant):
    sign_up(reply("404 Not Found"))
    queued = queue()
    deliver_due()
    assert (message(queued.pk).state, message(queued.pk).last_error) == (MessageState.FAILED, NO_DEVICE)
    with tenant_scope(tenant.pk):
        assert not PushSubscription.objects.exists()


def test_a_service_that_is_busy_is_tried_again_when_it_says(sign_up, queue, message, push_service, owner_connection):
    sign_up(reply("429 Too Many Requests", b"slow down", Retry_After="3600"))
    queued = queue()
    before = timezone.now()
    assert deliver_due() == 0
    waiting = message(queued.pk)
    assert (waiting.state, waiting.last_error) == (MessageState.QUEUED, "429 slow down")
    assert timedelta(minutes=59) < waiting.run_at - before < timedelta(minutes=61)
    push_service.answer_all(ACCEPTED)
    owner_connection.execute("UPDATE community_outboundmessage SET run_at = now() WHERE id = %s", [queued.pk])
    assert deliver_due() == 1
    first, second = push_service.received
    assert first.headers["topic"] == second.headers["topic"], "a service replaces what still waits there"
    assert first.body != second.body, "each is encrypted anew"


def test_a_refusal_is_final_and_keeps_the_services_words(sign_up, queue, message):
    sign_up(reply("403 Forbidden", b"the key does not match"))
    queued = queue()
    deliver_due()
    assert (message(queued.pk).state, message(queued.pk).last_error) == (
        MessageState.FAILED,
        "403 the key does not match",
    )


@pytest.mark.parametrize(("attempts", "state"), [(1, MessageState.SENT), (MOST_ATTEMPTS, MessageState.UNKNOWN)])
def test_a_push_whose_sender_died_is_sent_again_a_bounded_number_of_times(
    sign_up, queue, message, owner_connection, attempts, state
):
    sign_up()
    queued = queue()
    owner_connection.execute(
        "UPDATE community_outboundmessage SET state = 'sending', attempts = %s, "
        "lease_until = now() - interval '1 minute' WHERE id = %s",
        [attempts, queued.pk],
    )
    deliver_due()
    assert message(queued.pk).state == state


def test_without_a_key_the_message_fails_and_says_who_can_help(sign_up, queue, message, settings):
    sign_up()
    queued = queue()
    settings.VAPID_PRIVATE_KEY = ""
    deliver_due()
    assert message(queued.pk).state == MessageState.FAILED
    assert "not set up" in message(queued.pk).last_error


@pytest.mark.requirement("SEC-01")
def test_a_message_reaches_no_device_of_another_tenant(sign_up, queue, push_service, other_tenant):
    sign_up()
    with tenant_scope(other_tenant.pk):
        push_service.sign_up(a_member().pk)
    queue()
    assert deliver_due() == 1
    assert len(push_service.received) == 1
