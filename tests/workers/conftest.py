"""A quiet database and queue, and a mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from redis import Redis

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution
from decommerce.community.models import Notification, OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope
from tests.workers.community import new_member, telling
from tests.workers.mail_server import MailServer, running_mail_server


@pytest.fixture
def redis() -> Redis:
    """Redis as the system knows it."""
    return Redis.from_url(django_settings.REDIS_URL)


@pytest.fixture
def quiet(owner_connection) -> None:
    """Nothing is left to do from earlier tests in this process's database."""
    for statement in (
        "UPDATE engine_execution SET state = 'cancelled' WHERE state IN ('queued', 'running')",
        "UPDATE community_outboundmessage SET state = 'failed' WHERE state IN ('queued', 'sending')",
        "DELETE FROM community_outboxevent",
    ):
        owner_connection.execute(statement)


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """The mail server that the settings name."""
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def queue_mail(tenant, quiet) -> Callable[..., int]:
    """Write one e-mail for delivery; its id."""

    def queue(key: str = "one", **fields: str) -> int:
        values = {"to_address": "ada@example.org", "subject": "Your week", "body": "Hello Ada.", **fields}
        with tenant_scope(tenant.pk):
            return queue_messages([NewMessage(key, **values)])[0].message_id

    return queue


@pytest.fixture
def message(tenant) -> Callable[[int], OutboundMessage]:
    """Read a message."""

    def read(message_id: int) -> OutboundMessage:
        with tenant_scope(tenant.pk):
            return OutboundMessage.objects.get(pk=message_id)

    return read


@pytest.fixture
def start_runs(tenant, principal, quiet) -> Callable[..., list[int]]:
    """Create an app that tells a member the number of each run, and start some; their ids."""

    def start(count: int = 1, **app_settings: object) -> list[int]:
        member = new_member(tenant)
        with tenant_scope(tenant.pk):
            app = create_app(principal, telling(member, **app_settings))
            return [run_app(principal, app.pk).pk for _ in range(count)]

    return start


@pytest.fixture
def executions(tenant) -> Callable[[], list[Execution]]:
    """All executions of the tenant, oldest first."""

    def read() -> list[Execution]:
        with tenant_scope(tenant.pk):
            return list(Execution.objects.order_by("pk"))

    return read


@pytest.fixture
def told(tenant) -> Callable[[], list[int]]:
    """The numbers of the runs that told, in the order in which they did."""

    def read() -> list[int]:
        with tenant_scope(tenant.pk):
            return [int(title) for title in Notification.objects.order_by("pk").values_list("title", flat=True)]

    return read
