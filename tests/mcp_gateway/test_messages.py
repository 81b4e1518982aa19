"""An agent sees what became of messages, and settles e-mails of which nobody knows (RUN-05)."""

from __future__ import annotations

import pytest

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("RUN-05")


@pytest.fixture
def unknown(tenant) -> list[int]:
    """Three e-mails of which nobody knows, oldest first, and one that waits."""
    with tenant_scope(tenant.pk):
        news = [NewMessage(str(n), "Hello", "Your week", to_address="ada@example.org") for n in range(4)]
        numbers = [result.message_id for result in queue_messages(news)]
        OutboundMessage.objects.filter(pk__in=numbers[:3]).update(state=MessageState.UNKNOWN, last_error="Lost")
    return numbers[:3]


def test_an_agent_finds_what_is_unknown_page_by_page(agent, unknown):
    first = agent.result("list_messages", states=["unknown"], limit=2)
    rest = agent.result("list_messages", states=["unknown"], limit=2, cursor=first["next_cursor"])
    found = [message["id"] for message in first["messages"] + rest["messages"]]
    assert found == unknown[::-1]
    assert rest["next_cursor"] is None
    assert first["messages"][0]["reason"] == "Lost"


def test_an_agent_says_what_became_of_an_e_mail_once(agent, unknown):
    key = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    told = [agent.result("settle_message", message=unknown[0], outcome="arrived", idempotency_key=key) for _ in "12"]
    assert [one["state"] for one in told] == ["sent", "sent"]
    assert agent.refusal("settle_message", message=unknown[0], outcome="arrived")["code"] == "mail_settled"
    assert agent.result("settle_message", message=unknown[1], outcome="again")["state"] == "queued"
