"""Rooms: opening, entering, archiving."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from decommerce.community.insertion import insert_new
from decommerce.community.models import Room, RoomMember, RoomStatus
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons
from decommerce.community.services.statuses import StatusChange, StatusChanged, change_statuses
from decommerce.community.values import checked
from decommerce.tenancy.errors import PlatformError

_NEWS: Mapping[str, str] = {RoomStatus.ARCHIVED: "room.archived", RoomStatus.ACTIVE: "room.reopened"}


class RoomTaken(PlatformError):
    """There is a room of this name already."""

    code = "room_exists"
    status = 409


@dataclass(frozen=True, slots=True)
class Entered:
    """`outcome`: joined, already_there, room_not_found or member_not_found."""

    room_id: int
    member_id: int
    outcome: str


def create_room(name: str, *, description: str = "") -> Room:
    """A new room; raises RoomTaken. Emits room.created."""
    room = Room(
        name=checked(Room, "name", name),
        slug=slugify(name, allow_unicode=False)[:120] or "room",
        description=checked(Room, "description", description),
    )
    if not insert_new([room]):
        raise RoomTaken(f"There is a room “{name}” already.", hint="Choose another name.")
    announce_rooms([room])
    return room


def join_rooms(entries: Sequence[tuple[int, int]]) -> list[Entered]:
    """Let members (room id, member id) into rooms; emits room.member_joined for those who were not there yet."""
    rooms = Room.objects.in_bulk({room_id for room_id, _ in entries})
    people = persons(member_id for _, member_id in entries)
    possible = [(room, member) for room, member in dict.fromkeys(entries) if room in rooms and member in people]
    rows = [RoomMember(room_id=room_id, member_id=member_id) for room_id, member_id in possible]
    inserted = insert_new(rows)
    joined = {(row.room_id, row.member_id): row for row in rows if row.pk in inserted}
    emit_many(
        [
            NewEvent(
                "room.member_joined",
                {"room": room_payload(rooms[room_id]), "member": people[member_id]},
                f"room/{room_id}",
                f"room.member_joined:{row.pk}",
            )
            for (room_id, member_id), row in joined.items()
        ]
    )
    return [_entered(room_id, member_id, rooms, people, joined) for room_id, member_id in entries]


def set_room_status(changes: Sequence[StatusChange]) -> list[StatusChanged]:
    """Archive rooms or open them again; emits room.archived and room.reopened for those whose status is new."""
    done = change_statuses(Room, changes)
    emit_many([NewEvent(_NEWS[room.status], {"room": room_payload(room)}, f"room/{room.pk}") for room in done.changed])
    return done.results


def announce_rooms(rooms: Sequence[Room]) -> None:
    """Emit room.created for rooms that were just opened."""
    emit_many(
        [
            NewEvent("room.created", {"room": room_payload(room)}, f"room/{room.pk}", f"room.created:{room.pk}")
            for room in rooms
        ]
    )


def room_payload(room: Room) -> dict[str, Any]:
    """A room as events name it."""
    return {
        "id": room.pk,
        "name": room.name,
        "slug": room.slug,
        "description": room.description,
        "status": room.status,
    }


def _entered(
    room_id: int, member_id: int, rooms: Collection[int], people: Collection[int], joined: Collection[tuple[int, int]]
) -> Entered:
    if room_id not in rooms:
        return Entered(room_id, member_id, "room_not_found")
    if member_id not in people:
        return Entered(room_id, member_id, "member_not_found")
    return Entered(room_id, member_id, "joined" if (room_id, member_id) in joined else "already_there")
