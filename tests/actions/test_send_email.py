"""Writing e-mails into the outbox."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.send_email import SendEmail, SendEmailParams
from decommerce.community.models import Member, OutboundMessage
from decommerce.community.services.notifications import set_preference
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("ACT-01")


def mail(to, **params) -> dict:
    return {"to": to, "subject": "Your week", "body": "Hi", **params}


def test_a_member_is_written_to_at_their_own_address(acting, perform):
    member = a_member()
    [result] = perform(SendEmail(), mail(member.pk))
    message = OutboundMessage.objects.get()
    assert result == {"message_id": message.pk, "queued": True, "skipped": None}
    assert (message.channel, message.to_address, message.member_id) == ("email", "member1@example.com", member.pk)
    assert (message.subject, message.body, message.state) == ("Your week", "Hi", "queued")
    assert (message.app_id, message.execution_id) == (7, 8)


def test_an_address_of_nobody_here_is_written_to_as_it_is(acting, perform):
    perform(SendEmail(), mail("buyer@example.org"))
    message = OutboundMessage.objects.get()
    assert (message.to_address, message.member_id) == ("buyer@example.org", None)


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_writes_nothing_more(acting, perform):
    [first] = perform(SendEmail(), mail("buyer@example.org"), keys=["run:8:main/mail"])
    [again] = perform(SendEmail(), mail("buyer@example.org"), keys=["run:8:main/mail"])
    assert again == {"message_id": first["message_id"], "queued": False, "skipped": "duplicate"}
    assert OutboundMessage.objects.count() == 1


@pytest.mark.requirement("RUN-05")
def test_the_message_id_follows_from_the_call_and_differs_between_calls_and_tenants(tenant, other_tenant, perform):
    found = []
    for place in (tenant, other_tenant):
        with tenant_scope(place.pk):
            perform(SendEmail(), mail("a@example.org"), mail("a@example.org"), keys=["run:8:a", "run:8:b"])
            found += OutboundMessage.objects.values_list("message_id", flat=True)
    assert len(set(found)) == 4
    assert all(identity.startswith("<") and identity.endswith(">") for identity in found)


@pytest.mark.parametrize("spelled", ["member1@example.com", "MEMBER1@Example.COM", " member1@example.com "])
def test_what_a_member_declined_holds_however_they_are_named(acting, perform, spelled):
    member = a_member()
    set_preference(member.pk, "email", False)
    results = perform(SendEmail(), mail(member.pk), mail(spelled))
    assert [result["skipped"] for result in results] == ["suppressed", "suppressed"]
    assert [result["queued"] for result in results] == [False, False]
    assert set(OutboundMessage.objects.values_list("state", flat=True)) == {"suppressed"}


def test_a_topic_that_was_declined_leaves_the_others(acting, perform):
    member = a_member()
    set_preference(member.pk, "email", False, "digest")
    results = perform(SendEmail(), mail(member.pk, topic="digest"), mail(member.pk, topic="orders"))
    assert [result["skipped"] for result in results] == ["suppressed", None]


def test_what_cannot_be_sent_is_said_item_by_item(acting, perform):
    silent, suspended = a_member(1, email=None), a_member(2, status="suspended")
    results = perform(
        SendEmail(), mail(10**9), mail(silent.pk), mail("no address"), mail(suspended.pk), mail("a@example.org")
    )
    assert [result["skipped"] for result in results] == [
        "not_found",
        "no_address",
        "bad_address",
        "suppressed",
        None,
    ]


@pytest.mark.parametrize("to", ["a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "<a@example.org>"])
def test_one_call_writes_to_one_address_only(acting, perform, to):
    assert perform(SendEmail(), mail(to))[0]["skipped"] == "bad_address"


@pytest.mark.requirement("SEC-01")
def test_another_tenants_member_is_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_member()
    with tenant_scope(tenant.pk):
        assert perform(SendEmail(), mail(theirs.pk))[0]["skipped"] == "not_found"
        assert not OutboundMessage.objects.exists()


def test_hostile_text_is_stored_as_text_and_a_subject_stays_one_line(acting, perform):
    hostile = "<script> {{ now }} '; --"
    perform(SendEmail(), mail("a@example.org", subject=f"{hostile}\r\nBcc: b@example.org", body=f"{hostile}\x00\r\n."))
    message = OutboundMessage.objects.get()
    assert message.subject == f"{hostile} Bcc: b@example.org"
    assert message.body == f"{hostile}\r\n."


def test_five_hundred_mails_take_as_many_statements_as_one(acting, perform, queries_of):
    members = Member.objects.bulk_create(
        Member(display_name=f"Member {number}", email=f"m{number}@example.org") for number in range(502)
    )
    params = [mail(member.pk if place % 2 else member.email) for place, member in enumerate(members[2:])]
    two = queries_of(lambda: perform(SendEmail(), mail(members[0].pk), mail(members[1].email), keys=["a", "b"]))
    assert queries_of(lambda: perform(SendEmail(), *params)) == two
    assert OutboundMessage.objects.filter(state="queued").count() == 502


def test_it_counts_as_an_email_of_the_run():
    assert SendEmail.spec().spends == "email"


@pytest.mark.parametrize(
    "params",
    [
        {},
        mail(""),
        mail("a@"),
        mail(True),
        mail(["a@example.org"]),
        mail("a@b.c", subject=""),
        mail("a@b.c", body=""),
        mail("a@b.c", body="x" * 100001),
        mail("a@b.c", cc="d@b.c"),
        mail("x" * 321),
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        SendEmailParams.model_validate(params)
