"""Archiving rooms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.archive_room import ArchiveRoom, ArchiveRoomParams
from decommerce.community.models import OutboxEvent, Room
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_room

pytestmark = pytest.mark.requirement("ACT-01")


def test_a_room_is_archived_and_opened_again_and_told_as_events(acting, perform):
    room = a_room()
    [archived] = perform(ArchiveRoom(), {"room_id": room.pk})
    assert archived == {"room_id": room.pk, "changed": True, "skipped": None}
    assert Room.objects.get().status == "archived"
    [opened] = perform(ArchiveRoom(), {"room_id": room.pk, "archived": False})
    assert opened["changed"]
    assert Room.objects.get().status == "active"
    assert [row.envelope["type"] for row in OutboxEvent.objects.order_by("pk")] == ["room.archived", "room.reopened"]


def test_what_is_archived_already_or_not_there_is_skipped(acting, perform):
    room = a_room()
    results = perform(ArchiveRoom(), {"room_id": room.pk}, {"room_id": room.pk}, {"room_id": 10**9})
    assert [result["skipped"] for result in results] == [None, "unchanged", "not_found"]
    assert OutboxEvent.objects.count() == 1


@pytest.mark.requirement("SEC-01")
def test_another_tenants_room_is_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_room()
    with tenant_scope(tenant.pk):
        assert perform(ArchiveRoom(), {"room_id": theirs.pk})[0]["skipped"] == "not_found"
    with tenant_scope(other_tenant.pk):
        assert Room.objects.get().status == "active"


def test_five_hundred_rooms_take_as_many_statements_as_one(acting, perform, queries_of):
    rooms = Room.objects.bulk_create(Room(name=f"Room {number}", slug=f"room-{number}") for number in range(502))
    perform(ArchiveRoom(), {"room_id": rooms.pop().pk})
    one = queries_of(lambda: perform(ArchiveRoom(), {"room_id": rooms[0].pk}))
    assert queries_of(lambda: perform(ArchiveRoom(), *({"room_id": room.pk} for room in rooms[1:]))) == one
    assert Room.objects.filter(status="archived").count() == 502


@pytest.mark.parametrize(
    "params", [{}, {"room_id": 0}, {"room_id": 1, "archived": "perhaps"}, {"room_id": 1, "name": "x"}]
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        ArchiveRoomParams.model_validate(params)
