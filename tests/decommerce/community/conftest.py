"""People, rooms and posts, and the queue that services publish to."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from queue import Empty
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from kombu import Connection

from decommerce.community.event_queues import bursts_queue, events_queue
from decommerce.community.models import Member, Post, Room, ShopifyOrder
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant

_numbers = itertools.count(1)


@pytest.fixture
def make_member(tenant) -> Callable[..., Member]:
    """Make a member of `tenant`, without any event."""

    def make(in_tenant=None, **fields: Any) -> Member:
        number = next(_numbers)
        with tenant_scope((in_tenant or tenant).pk):
            values = {"display_name": f"Member {number}", "email": f"member{number}@example.org", **fields}
            return Member.objects.create(**values)

    return make


@pytest.fixture
def make_room(tenant) -> Callable[..., Room]:
    """Make a room of `tenant`, without any event."""

    def make(in_tenant=None, **fields: Any) -> Room:
        number = next(_numbers)
        with tenant_scope((in_tenant or tenant).pk):
            return Room.objects.create(**{"name": f"Room {number}", "slug": f"room-{number}", **fields})

    return make


@pytest.fixture
def make_post(tenant, make_member) -> Callable[..., Post]:
    """Make a post of `tenant`, without any event."""

    def make(in_tenant=None, **fields: Any) -> Post:
        author = fields.pop("author", None) or make_member(in_tenant)
        body = fields.pop("body", "A post that says something.")
        with tenant_scope((in_tenant or tenant).pk):
            return Post.objects.create(author=author, body=body, body_length=len(body), **fields)

    return make


def _envelopes(message: Any, tenant: Tenant) -> list[dict[str, Any]]:
    body = json.loads(message.body)
    found = body if isinstance(body, list) else [body]
    return [envelope for envelope in found if envelope.get("tenantid") == tenant.slug]


class Published:
    """Reads this process's two queues as a consumer does."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.messages: list[Any] = []
        self.drain()
        self.messages.clear()

    def drain(self) -> list[Any]:
        """The messages that arrived, taken off the queue."""
        arrived = []
        for events in (events_queue(), bursts_queue()):
            with self.connection.SimpleQueue(events) as queue:
                while True:
                    try:
                        message = queue.get(block=False)
                    except Empty:
                        break
                    message.ack()
                    arrived.append(message)
        self.messages += arrived
        return arrived

    def messages_of(self, tenant) -> list[Any]:
        """Every message of `tenant` so far; what other tests left in the outbox may come along in others."""
        self.drain()
        return [message for message in self.messages if _envelopes(message, tenant)]

    def tenant_of(self, message, tenants) -> Any:
        """Whose events a message holds."""
        return next(tenant for tenant in tenants if _envelopes(message, tenant))

    def envelopes(self, tenant) -> list[dict[str, Any]]:
        """The envelopes of `tenant` that arrived since the last look."""
        return [envelope for message in self.drain() for envelope in _envelopes(message, tenant)]

    def types(self, tenant) -> list[str]:
        """The types of these envelopes, in their order."""
        return [envelope["type"] for envelope in self.envelopes(tenant)]


@pytest.fixture
def published() -> Iterator[Published]:
    """What is on the queues, as their consumer would read it."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with Connection(settings.CELERY_BROKER_URL, transport_options=options) as connection:
        yield Published(connection)


@pytest.fixture
def make_order(tenant) -> Callable[..., ShopifyOrder]:
    """Make an order of `tenant`'s shop, without any event."""

    def make(in_tenant=None, **fields: Any) -> ShopifyOrder:
        number = next(_numbers)
        values = {
            "shopify_id": number,
            "name": f"#{number}",
            "currency": "EUR",
            "total_price": Decimal("49.00"),
            "subtotal_price": Decimal("49.00"),
            "created_at": timezone.now(),
            "updated_at": timezone.now(),
        }
        with tenant_scope((in_tenant or tenant).pk):
            return ShopifyOrder.objects.create(**{**values, **fields})

    return make
