"""Messages are queued once each."""

from __future__ import annotations

import pytest

from decommerce.community.models import OutboundMessage
from decommerce.community.services import messages, notifications
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_message_is_queued_once_with_a_message_id_of_its_own(tenant, other_tenant, make_member, app_cause):
    member, declined, nameless = make_member(), make_member(), make_member(email=None)
    stranger = make_member(other_tenant)
    new = messages.NewMessage
    with tenant_scope(tenant.pk):
        notifications.set_preference(declined.pk, "email", False)
        results = messages.queue_messages(
            [
                new("a", "Hello", "Line\r\nBcc: everyone@example.org", member_id=member.pk),
                new("a", "Hello", member_id=member.pk),
                new("b", "Hello", member_id=declined.pk),
                new("c", "Hello", member_id=nameless.pk),
                new("d", "Hello", member_id=stranger.pk),
                new("e", "Hello", to_address="not an address"),
                new("f", "Hello", to_address="partner@example.net"),
                new("g", "Ping", channel="push", member_id=nameless.pk),
                new("h", "Ping", channel="push"),
            ]
        )
        assert [result.outcome for result in results] == [
            "queued",
            "duplicate",
            "suppressed",
            "no_address",
            "not_found",
            "bad_address",
            "queued",
            "queued",
            "no_address",
        ]
        row = OutboundMessage.objects.get(pk=results[0].message_id)
        assert row.subject == "Line Bcc: everyone@example.org"
        assert row.to_address == member.email
        assert (row.app_id, row.execution_id) == (77, 5)
        assert row.message_id == messages.rfc_message_id(tenant.pk, "a") != messages.rfc_message_id(tenant.pk, "b")
        assert row.message_id.endswith("@decommerce.example>")
        suppressed = OutboundMessage.objects.get(pk=results[2].message_id)
        assert (suppressed.state, suppressed.last_error) == ("suppressed", "declined")


def test_a_key_longer_than_its_column_still_tells_messages_apart(tenant):
    long = "k" * 300
    with tenant_scope(tenant.pk):
        first, second, third = messages.queue_messages(
            [messages.NewMessage(key, "x", to_address="a@example.org") for key in (f"{long}1", f"{long}2", f"{long}1")]
        )
    assert (first.outcome, second.outcome, third.outcome) == ("queued", "queued", "duplicate")
