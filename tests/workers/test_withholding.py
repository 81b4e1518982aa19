"""A message leaves only if it is wanted by then (ACT-01; docs/mail.md)."""

from __future__ import annotations

import pytest

from apps_engine.services.mails import settle_mail
from decommerce.community.models import Channel, Member, MemberStatus, MessageState
from decommerce.community.services.dead_addresses import DeadEnd, mark_dead
from decommerce.community.services.notifications import set_preference
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member
from workers.delivery import FEW, deliver_due

pytestmark = pytest.mark.requirement("ACT-01")


@pytest.fixture
def ada(tenant) -> int:
    """A member who gets e-mails."""
    with tenant_scope(tenant.pk):
        return a_member(email="ada@example.org").pk


def _decline(member: int) -> None:
    set_preference(member, Channel.EMAIL, False)


def _decline_the_topic(member: int) -> None:
    set_preference(member, Channel.EMAIL, False, "digest")


def _be_suspended(member: int) -> None:
    Member.objects.filter(pk=member).update(status=MemberStatus.SUSPENDED)


def _have_a_dead_address(member: int) -> None:
    mark_dead("Ada@example.org", DeadEnd("5.1.1", "550 5.1.1 Nobody here"))


CHANGES = [
    (_decline, "declined"),
    (_decline_the_topic, "declined"),
    (_be_suspended, "suspended"),
    (_have_a_dead_address, "dead_address"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_queued_e_mail_that_is_no_longer_wanted_is_not_sent(
    mail_server, queue_mail, message, tenant, ada, change, reason
):
    queued = queue_mail(member_id=ada, to_address="", topic="digest")
    others = [queue_mail(f"key {n}", to_address=f"person{n}@example.org") for n in range(FEW)]
    with tenant_scope(tenant.pk):
        change(ada)
    assert deliver_due() == FEW
    withheld = message(queued)
    assert (withheld.state, withheld.last_error, withheld.attempts) == (MessageState.SUPPRESSED, reason, 0)
    assert {message(pk).state for pk in others} == {MessageState.SENT}
    assert ["ada@example.org"] not in mail_server.recipients


def test_what_nobody_can_decline_is_sent_whatever_the_member_declined(mail_server, queue_mail, message, tenant, ada):
    about_another_topic = queue_mail("topic", member_id=ada, to_address="", topic="receipts")
    to_an_address = queue_mail("address")
    with tenant_scope(tenant.pk):
        set_preference(ada, Channel.EMAIL, False)
        set_preference(ada, Channel.EMAIL, True, "receipts")
    assert deliver_due() == 2
    assert {message(pk).state for pk in (about_another_topic, to_an_address)} == {MessageState.SENT}


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_message_of_which_nobody_knows_is_not_sent_again_where_it_is_no_longer_wanted(
    mail_server, queue_mail, message, principal, ada, change, reason
):
    queued = queue_mail(member_id=ada, to_address="", topic="digest")
    mail_server.silent.set()
    deliver_due()
    mail_server.silent.clear()
    with tenant_scope(principal.tenant_id):
        change(ada)
        assert settle_mail(principal, queued, "again").state == MessageState.SUPPRESSED
    assert deliver_due() == 0
    assert len(mail_server.received) == 1
    assert (message(queued).state, message(queued).last_error) == (MessageState.SUPPRESSED, reason)
