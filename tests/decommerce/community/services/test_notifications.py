"""Notifications reach those who want them."""

from __future__ import annotations

import pytest

from decommerce.community.models import Notification
from decommerce.community.services import notifications
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_notification_reaches_those_who_want_it_once(tenant, other_tenant, make_member, app_cause):
    reader, declined, choosy = make_member(), make_member(), make_member()
    suspended, stranger = make_member(status="suspended"), make_member(other_tenant)
    new = notifications.NewNotification
    with tenant_scope(tenant.pk):
        notifications.set_preference(declined.pk, "in_app", False)
        notifications.set_preference(choosy.pk, "in_app", False)
        notifications.set_preference(choosy.pk, "in_app", True, "moderation")
        everyone = [reader.pk, declined.pk, choosy.pk, suspended.pk, stranger.pk]
        results = notifications.notify([new(pk, "Look", topic="moderation", idem_key=f"n:{pk}") for pk in everyone])
        assert [result.outcome for result in results] == [
            "created",
            "declined",
            "created",
            "suspended",
            "not_found",
        ]
        again = notifications.notify([new(reader.pk, "Look", idem_key=f"n:{reader.pk}")])[0]
        assert (again.outcome, again.notification_id) == ("duplicate", results[0].notification_id)
        assert Notification.objects.get(pk=results[0].notification_id).app_id == 77
        assert notifications.wanting(everyone, "in_app", "moderation") == {reader.pk, choosy.pk}
        assert notifications.wanting(everyone, "email", "moderation") == {reader.pk, declined.pk, choosy.pk}
        assert notifications.mark_read(reader.pk) == 1
        assert notifications.mark_read(reader.pk) == 0
