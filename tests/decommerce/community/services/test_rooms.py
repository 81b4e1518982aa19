"""Rooms are opened, entered and archived."""

from __future__ import annotations

import pytest

from decommerce.community.models import RoomMember
from decommerce.community.services import rooms
from decommerce.community.services.statuses import StatusChange
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_room_is_opened_entered_and_archived(tenant, make_member, published):
    member = make_member()
    with tenant_scope(tenant.pk):
        room = rooms.create_room("Wet trails!", description="Rain.")
        assert room.slug == "wet-trails"
        with pytest.raises(rooms.RoomTaken):
            rooms.create_room("Wet trails")
        entered = rooms.join_rooms([(room.pk, member.pk), (room.pk, member.pk), (room.pk, 10**9), (10**9, member.pk)])
        assert [entry.outcome for entry in entered] == ["joined", "joined", "member_not_found", "room_not_found"]
        assert rooms.join_rooms([(room.pk, member.pk)])[0].outcome == "already_there"
        archive = [StatusChange(room.pk, "archived"), StatusChange(10**9, "archived")]
        assert [row.outcome for row in rooms.set_room_status(archive)] == ["changed", "not_found"]
        assert rooms.set_room_status(archive[:1])[0].outcome == "unchanged"
        assert rooms.set_room_status([StatusChange(room.pk, "active")])[0].previous_status == "archived"
        assert RoomMember.objects.count() == 1
    assert published.types(tenant) == ["room.created", "room.member_joined", "room.archived", "room.reopened"]
