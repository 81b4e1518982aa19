"""Members' inboxes as a definition sees them."""

from __future__ import annotations

import pytest

from connectors.notifications import Notifications
from decommerce.community.models import Notification
from tests.connectors.rows import a_member
from tests.connectors.world import ago

pytestmark = pytest.mark.requirement("PIP-01")


def test_a_notification_reads_as_declared(scope, read):
    member = a_member()
    row = Notification.objects.create(
        member=member, title="Hi", body="There", link="/x", topic="news", app_id=7, created_at=ago(1)
    )
    assert read(Notifications()) == [
        {
            "id": row.pk,
            "member_id": member.pk,
            "member_name": "Member 1",
            "member_email": "member1@example.com",
            "title": "Hi",
            "body": "There",
            "link": "/x",
            "topic": "news",
            "app_id": 7,
            "created_at": "2026-11-20T09:00:00Z",
            "read_at": None,
            "is_read": False,
            "hours_since_created": 24,
        }
    ]


def test_unread_ones_are_found(scope, read):
    member = a_member()
    Notification.objects.create(member=member, title="old", read_at=ago(1))
    Notification.objects.create(member=member, title="new")
    assert read(Notifications(), "title", where={"is_read": False}) == [{"title": "new"}]
