"""An app's e-mail, from its run to a mail server, and a worker that is killed while it sends (promise 3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.waiting import until
from tests.workers.mail_server import MailServer, running_mail_server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def writing(members, start_runs) -> list[int]:
    """A run that writes one e-mail."""
    (member,) = members(1)
    mail = {"id": "mail", "act": "send_email", "params": {"to": member, "subject": "Hello", "body": "Good morning."}}
    return start_runs(definition([mail]))


def state_of_the_message(tenant) -> tuple[str, int] | None:
    with tenant_scope(tenant.pk):
        return OutboundMessage.objects.values_list("state", "attempts").first()


@pytest.mark.requirement("ACT-01")
def test_an_e_mail_that_an_app_writes_is_delivered(processes, tenant, mail_server, writing):
    processes.worker(EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}")
    until(lambda: state_of_the_message(tenant) == (MessageState.SENT, 1), "the message is sent")
    (mail,) = mail_server.received
    assert mail["Subject"] == "Hello"
    assert mail_server.recipients == [[f"member0@{tenant.slug}.example"]]


@pytest.mark.requirement("RUN-05")
def test_an_e_mail_whose_worker_is_killed_while_it_sends_is_unknown_and_not_sent_again(
    processes, tenant, mail_server, writing, owner_connection
):
    mail_server.hold.set()
    worker = processes.worker(EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}")
    until(lambda: mail_server.received, "the server has the message and says nothing")
    worker.kill()
    mail_server.hold.clear()
    assert state_of_the_message(tenant) == (MessageState.SENDING, 1)
    # Two minutes pass.
    owner_connection.execute("UPDATE community_outboundmessage SET lease_until = now() WHERE state = 'sending'")
    processes.worker(EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}")
    until(lambda: state_of_the_message(tenant) == (MessageState.UNKNOWN, 1), "the message is unknown")
    assert len(mail_server.received) == 1
