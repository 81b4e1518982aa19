"""Recipients that a mail server refuses for good (ACT-01): this message, or the address (RFC 3463)."""

from __future__ import annotations

import pytest

from decommerce.community.models import DeadAddress, MessageState
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope
from workers.delivery import deliver_due

pytestmark = pytest.mark.requirement("ACT-01")


@pytest.mark.parametrize(
    "words",
    ["550 No such person here", "550 5.1.1 No such person here", "553 5.1.3 Bad name", "550 5.2.1 Mailbox closed"],
)
def test_to_an_address_that_nobody_has_nothing_is_sent_again_and_the_reason_is_told(
    mail_server, queue_mail, message, tenant, other_tenant, words
):
    mail_server.recipient = words
    refused = queue_mail("first", to_address="Ada@Example.org")
    deliver_due()
    assert message(refused).state == MessageState.REFUSED
    mail_server.recipient = "250 OK"
    with tenant_scope(tenant.pk):
        (result,) = queue_messages([NewMessage("second", "Hi", to_address="ada@example.org")])
        assert DeadAddress.objects.get().words == words
    assert result.outcome == "suppressed"
    assert message(result.message_id).last_error == "dead_address"
    with tenant_scope(other_tenant.pk):
        (theirs,) = queue_messages([NewMessage("theirs", "Hi", to_address="ada@example.org")])
    assert theirs.outcome == "queued"


@pytest.mark.parametrize("words", ["550 5.7.1 No mail from you", "552 5.2.2 Mailbox full", "554 Not today"])
def test_a_refusal_of_one_message_says_nothing_of_the_address(mail_server, queue_mail, message, tenant, words):
    mail_server.recipient = words
    refused = queue_mail("first")
    deliver_due()
    assert (message(refused).state, message(refused).last_error) == (MessageState.REFUSED, words)
    mail_server.recipient = "250 OK"
    again = queue_mail("second")
    deliver_due()
    assert message(again).state == MessageState.SENT
    assert message(refused).attempts == 1
