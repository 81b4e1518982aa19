"""Bounces and dead addresses over REST: what a mail server reported afterwards (ACT-01, RFC 3464)."""

from __future__ import annotations

import pytest

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.apps_engine.api.conftest import Api, key_of

pytestmark = pytest.mark.requirement("ACT-01")

# After appendix E.1 of RFC 3464.
REPORT = """\
Return-Path: <>
From: Mail Delivery Subsystem <MAILER-DAEMON@mail.example>
To: <community@decommerce.example>
Subject: Returned mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B

The following address had a permanent fatal error: <ada@example.org>

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status}
  No such person here

--B
Content-Type: {kind}

Message-ID: {name}
Subject: Your week

--B--
"""


@pytest.fixture
def sent(tenant) -> OutboundMessage:
    """A message that a mail server has taken."""
    return _sent(tenant, "one")


def _sent(tenant, key: str) -> OutboundMessage:
    with tenant_scope(tenant.pk):
        (queued,) = queue_messages([NewMessage(key, "Hello", "Your week", to_address="ada@example.org")])
        OutboundMessage.objects.filter(pk=queued.message_id).update(state=MessageState.SENT)
        return OutboundMessage.objects.get(pk=queued.message_id)


def report(api, name: str, status: str = "5.1.1", action: str = "failed", kind: str = "message/rfc822"):
    """Pass a mail server's report on."""
    mail = REPORT.format(name=name, status=status, action=action, kind=kind).replace("\n", "\r\n").encode()
    return api.client.generic("POST", "/api/v1/bounces", mail, content_type="message/rfc822", headers=api.headers)


def state_of(tenant, message) -> tuple[str, str]:
    with tenant_scope(tenant.pk):
        return OutboundMessage.objects.values_list("state", "last_error").get(pk=message.pk)


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_message_and_address_and_an_admin_can_take_it_off_the_list(api, tenant, sent, kind):
    answer = report(api, sent.message_id, kind=kind)
    assert answer.json() == {"message": sent.pk, "state": "bounced", "address_dead": True}
    assert state_of(tenant, sent) == ("bounced", "5.1.1 smtp; 550 5.1.1 No such person here")
    (dead,) = api.get("dead-addresses").json()["items"]
    assert (dead["address"], dead["status"]) == ("ada@example.org", "5.1.1")
    with tenant_scope(tenant.pk):
        assert queue_messages([NewMessage("two", "Hi", to_address="Ada@example.org")])[0].outcome == "suppressed"
    assert api.call("DELETE", f"dead-addresses/{dead['id']}").status_code == 204
    with tenant_scope(tenant.pk):
        assert queue_messages([NewMessage("three", "Hi", to_address="ada@example.org")])[0].outcome == "queued"
        assert AuditEntry.objects.filter(verb="address.revived").exists()


def test_a_program_that_reads_reports_itself_tells_the_same(api, tenant, sent):
    told = api.post("bounces", {"message_id": sent.message_id, "status": "5.7.1", "words": "Not wanted"})
    assert told.json() == {"message": sent.pk, "state": "bounced", "address_dead": False}
    assert api.get("dead-addresses").json()["items"] == []


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "failed")])
def test_what_may_still_arrive_changes_nothing(api, tenant, sent, status, action):
    assert report(api, sent.message_id, status, action).json()["state"] == "sent"
    assert state_of(tenant, sent) == ("sent", "")


@pytest.mark.parametrize(
    "mail",
    [
        b"\r\n",
        b"Subject: I am on holiday\r\n\r\nBack in May.",
        b"Content-Type: message/delivery-status\r\n\r\nno fields at all \xff\xfe",
        REPORT.format(name="<a@b>", status="5.1.1", action="delayed", kind="message/rfc822").encode(),
        REPORT.format(name="", status="5.1.1", action="failed", kind="message/rfc822").encode(),
        b"".join(b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (n, n) for n in range(2000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 5000,
    ],
)
def test_what_is_no_report_is_refused(api, mail):
    answer = api.client.generic("POST", "/api/v1/bounces", mail, content_type="message/rfc822", headers=api.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "bounce_unreadable")


@pytest.mark.requirement("SEC-01")
def test_a_report_on_another_tenants_message_finds_none(api, other_api, tenant, sent):
    assert report(other_api, sent.message_id).status_code == 404
    assert state_of(tenant, sent) == ("sent", "")
    writer = Api(key_of(tenant, ["events:write"]))
    assert report(writer, sent.message_id).status_code == 200
    assert writer.get("dead-addresses").status_code == 403
