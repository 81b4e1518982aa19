"""Messages on their way out, through a real mail server (ACT-01; docs/execution.md, promise 3)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from apps_engine.services.mails import settle_mail
from decommerce.community.models import MessageState, Notification
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.community.services.unsubscribing import Reader, unsubscribe_url
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member
from workers.delivery import FEW, FIRST_BACKOFF, MOST_ATTEMPTS, backoff, deliver_due, tenants_with_messages

IN_DOUBT = "Nobody knows whether an e-mail arrived"


def notices(tenant) -> list[str]:
    """What the team of the community was told."""
    with tenant_scope(tenant.pk):
        return list(Notification.objects.values_list("title", flat=True))


def make_due(owner_connection, message_id: int) -> None:
    """As if its backoff were over."""
    owner_connection.execute("UPDATE community_outboundmessage SET run_at = now() WHERE id = %s", [message_id])


def test_a_message_is_delivered_once_under_its_own_message_id(mail_server, queue_mail, message):
    queued = queue_mail(body="Hello <b>Ada</b>.\n\nSee you.")
    assert deliver_due() == 1
    assert deliver_due() == 0
    (mail,) = mail_server.received
    stored = message(queued)
    assert mail["Message-ID"] == stored.message_id
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Your week")
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = (part.get_payload(decode=True).decode() for part in mail.get_payload())
    assert plain.split() == ["Hello", "<b>Ada</b>.", "See", "you."]
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;." in html
    assert (stored.state, stored.attempts, stored.lease_until, stored.last_error) == (MessageState.SENT, 1, None, "")
    assert stored.sent_at is not None


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "https://acme.example"])
def test_a_members_message_has_a_way_out(mail_server, queue_mail, tenant, settings, address):
    settings.PUBLIC_URL = address
    with tenant_scope(tenant.pk):
        member = a_member(email="ada@example.org")
    queue_mail(member_id=member.pk, to_address="")
    deliver_due()
    (mail,) = mail_server.received
    link = unsubscribe_url(Reader(tenant.pk, member.pk))
    assert mail["List-Unsubscribe"].strip() == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if address.startswith("https") else None)
    plain, html = (part.get_payload(decode=True).decode() for part in mail.get_payload())
    assert plain.splitlines()[0] == "Hello Ada."
    assert plain.rstrip().endswith(f"Stop e-mails from this community: {link}")
    assert f'<a href="{link}">' in html


def test_the_way_out_of_a_message_about_a_topic_is_out_of_that_topic(mail_server, queue_mail, tenant):
    with tenant_scope(tenant.pk):
        member = a_member(email="ada@example.org")
    queue_mail(member_id=member.pk, to_address="", topic="digest")
    deliver_due()
    (mail,) = mail_server.received
    link = unsubscribe_url(Reader(tenant.pk, member.pk, "digest"))
    assert mail["List-Unsubscribe"].strip() == f"<{link}>"
    foot = mail.get_payload()[0].get_payload(decode=True).decode().rstrip().splitlines()[-1]
    assert foot == f"Stop e-mails about “digest”, or all from this community: {link}"


def test_a_batch_goes_out_over_one_connection_and_each_tenants_messages_stay_its_own(
    mail_server, queue_mail, other_tenant, message
):
    ours = [queue_mail(f"key {n}", to_address=f"person{n}@example.org") for n in range(5)]
    with tenant_scope(other_tenant.pk):
        queue_messages([NewMessage("theirs", "Hi", to_address="rival@example.org")])
    assert deliver_due() == 6
    assert sorted(mail_server.recipients) == [*([f"person{n}@example.org"] for n in range(5)), ["rival@example.org"]]
    assert len(mail_server.sessions) == 1
    assert {message(pk).state for pk in ours} == {MessageState.SENT}


def test_the_one_message_of_a_community_waits_for_a_few_of_anothers_many(
    mail_server, queue_mail, other_tenant, monkeypatch
):
    monkeypatch.setattr("workers.delivery.TURN_SECONDS", 30)
    for number in range(4 * FEW):
        queue_mail(f"key {number}")
    with tenant_scope(other_tenant.pk):
        queue_messages([NewMessage("theirs", "Hi", to_address="rival@example.org")])
    assert deliver_due() == 4 * FEW + 1
    assert mail_server.recipients.index(["rival@example.org"]) <= FEW


def test_where_there_is_time_for_one_community_only_it_is_not_always_the_same(
    mail_server, queue_mail, other_tenant, monkeypatch
):
    monkeypatch.setattr("workers.delivery.FEW", 1_000)
    monkeypatch.setattr("workers.delivery.TURN_SECONDS", 0.02)
    for number in range(100):
        queue_mail(f"key {number}")
    with tenant_scope(other_tenant.pk):
        queue_messages([NewMessage("theirs", "Hi", to_address="rival@example.org")])
    while ["rival@example.org"] not in mail_server.recipients:
        deliver_due()
    assert len(mail_server.recipients) < 100


def test_senders_at_the_same_time_send_each_message_once(mail_server, queue_mail):
    for number in range(20):
        queue_mail(f"key {number}")
    start = threading.Barrier(4)

    def deliver() -> int:
        start.wait()
        try:
            return deliver_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert sum(future.result() for future in [threads.submit(deliver) for _ in range(4)]) == 20
    assert len({mail["Message-ID"] for mail in mail_server.received}) == len(mail_server.received) == 20


@pytest.mark.parametrize("place", ["recipient", "data"])
def test_a_temporary_refusal_is_tried_again_later(mail_server, queue_mail, message, owner_connection, place):
    setattr(mail_server, place, "451 Greylisted, come back")
    queued = queue_mail()
    before = timezone.now()
    assert deliver_due() == 0
    refused = message(queued)
    assert (refused.state, refused.attempts) == (MessageState.QUEUED, 1)
    assert refused.last_error == "451 Greylisted, come back"
    assert FIRST_BACKOFF * 0.7 < refused.run_at - before < FIRST_BACKOFF * 1.5
    assert deliver_due() == 0, "it is not due yet"

    setattr(mail_server, place, "250 Accepted")
    make_due(owner_connection, queued)
    assert deliver_due() == 1
    assert (message(queued).state, message(queued).attempts) == (MessageState.SENT, 2)


@pytest.mark.parametrize(("place", "state"), [("recipient", MessageState.REFUSED), ("data", MessageState.FAILED)])
def test_a_permanent_refusal_is_final_and_keeps_the_servers_words(mail_server, queue_mail, message, place, state):
    setattr(mail_server, place, "550 No such person here")
    queued = queue_mail()
    deliver_due()
    refused = message(queued)
    assert (refused.state, refused.last_error) == (state, "550 No such person here")
    assert tenants_with_messages() == []


def test_a_server_that_cannot_be_reached_costs_an_attempt_and_nothing_else(settings, queue_mail, message):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queued = queue_mail()
    assert deliver_due() == 0
    waiting = message(queued)
    assert (waiting.state, waiting.attempts) == (MessageState.QUEUED, 1)
    assert "cannot be reached" in waiting.last_error


def test_after_its_last_attempt_a_message_has_failed(mail_server, queue_mail, message, owner_connection):
    mail_server.data = "451 Not now"
    queued = queue_mail()
    statement = "UPDATE community_outboundmessage SET attempts = %s WHERE id = %s"
    owner_connection.execute(statement, [MOST_ATTEMPTS - 1, queued])
    deliver_due()
    given_up = message(queued)
    assert given_up.state == MessageState.FAILED
    assert given_up.last_error == f"Given up after {MOST_ATTEMPTS} attempts. 451 Not now"


@pytest.mark.requirement("RUN-05")
def test_a_message_whose_server_went_away_in_the_middle_is_unknown_and_not_sent_again(
    mail_server, queue_mail, message, tenant, admin_user
):
    mail_server.silent.set()
    queued = queue_mail()
    deliver_due()
    assert message(queued).state == MessageState.UNKNOWN
    assert deliver_due() == 0
    assert len(mail_server.received) == 1
    assert notices(tenant) == [IN_DOUBT]


@pytest.mark.requirement("RUN-05")
def test_a_message_whose_sender_is_gone_is_unknown_and_not_sent_again(
    mail_server, queue_mail, message, owner_connection, tenant, admin_user
):
    queued = queue_mail()
    owner_connection.execute(
        "UPDATE community_outboundmessage SET state = 'sending', fence = 1, attempts = 1, "
        "lease_until = now() - interval '1 second' WHERE id = %s",
        [queued],
    )
    assert deliver_due() == 0
    assert message(queued).state == MessageState.UNKNOWN
    assert "nobody knows" in message(queued).last_error
    assert mail_server.received == []
    assert notices(tenant) == [IN_DOUBT]


@pytest.mark.requirement("RUN-05")
def test_a_message_that_is_to_be_sent_again_goes_out_under_its_message_id(mail_server, queue_mail, message, principal):
    queued = queue_mail()
    mail_server.silent.set()
    deliver_due()
    mail_server.silent.clear()
    with tenant_scope(principal.tenant_id):
        settle_mail(principal, queued, "again")
    assert deliver_due() == 1
    first, second = mail_server.received
    assert first["Message-ID"] == second["Message-ID"] == message(queued).message_id
    assert (message(queued).state, message(queued).last_error) == (MessageState.SENT, "")


def test_a_text_that_would_become_a_header_is_refused(mail_server, queue_mail, message, owner_connection):
    queued = queue_mail()
    owner_connection.execute(
        "UPDATE community_outboundmessage SET subject = E'Hello\\nBcc: everybody@example.org' WHERE id = %s", [queued]
    )
    assert deliver_due() == 0
    assert message(queued).state == MessageState.FAILED
    assert mail_server.received == []


def test_backoff_doubles_and_is_bounded():
    spreads = [backoff(attempts) / FIRST_BACKOFF for attempts in (1, 2, 3, 20)]
    assert 0.8 <= spreads[0] <= 1.2
    assert 1.6 <= spreads[1] <= 2.4
    assert 3.2 <= spreads[2] <= 4.8
    assert 384 <= spreads[3] <= 576
