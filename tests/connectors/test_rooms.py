"""Rooms and who is in them."""

from __future__ import annotations

import pytest

from connectors.room_members import RoomMembers
from connectors.rooms import Rooms
from decommerce.community.models import RoomMember
from decommerce.community.services.members import house_member
from tests.connectors.rows import a_comment, a_member, a_post, a_room
from tests.connectors.world import ago

pytestmark = pytest.mark.requirement("PIP-01")


def test_what_was_written_in_a_room_is_counted(scope, read):
    ada, bob, room, other = a_member(1), a_member(2), a_room(1), a_room(2)
    question = a_post(ada, room=room, kind="question", created_at=ago(40))
    a_post(ada, room=room, kind="question", created_at=ago(3))
    a_post(bob, room=room, kind="answer", parent=question, created_at=ago(9))
    a_post(ada, room=room, created_at=ago(1), status="hidden")
    a_comment(question, house_member(), created_at=ago(1))
    elsewhere = a_post(ada, room=other, created_at=ago(1))
    for days in (2, 20, 45):
        a_comment(question, bob, created_at=ago(days))
    a_comment(elsewhere, bob, created_at=ago(1))
    fields = ("posts_total", "posts_7d", "posts_previous_7d", "posts_30d", "posts_previous_30d", "comments_7d",
              "comments_30d", "active_members_7d", "active_members_30d", "unanswered_questions")  # fmt: skip
    rows = read(Rooms(), "id", *fields)
    assert {row.pop("id"): tuple(row.values()) for row in rows} == {
        room.pk: (3, 1, 1, 2, 1, 2, 3, 2, 2, 1),
        other.pk: (1, 1, 0, 1, 0, 1, 1, 2, 2, 0),
    }


def test_a_room_is_as_old_as_its_last_sign_of_life(scope, read):
    rooms = [a_room(number) for number in (1, 2, 3)]
    for room, opened, active in zip(rooms, (90, 90, 5), (None, 3, None), strict=True):
        room.created_at, room.last_activity_at = ago(opened), None if active is None else ago(active)
        room.save()
    rows = read(Rooms(), "days_since_created", "days_since_activity", "last_post_at", order_by=("id",))
    assert rows == [
        {"days_since_created": 90, "days_since_activity": 90, "last_post_at": None},
        {"days_since_created": 90, "days_since_activity": 3, "last_post_at": None},
        {"days_since_created": 5, "days_since_activity": 5, "last_post_at": None},
    ]


def test_who_is_in_a_room_is_told_with_what_they_wrote_there(scope, read):
    ada, bob, room, other = a_member(1), a_member(2, status="suspended", email=None), a_room(1), a_room(2)
    inside = [RoomMember.objects.create(room=room, member=member, joined_at=ago(days)) for member, days in
              ((ada, 40), (bob, 3))]  # fmt: skip
    for days in (2, 33):
        a_post(ada, room=room, created_at=ago(days))
    a_post(ada, room=other, created_at=ago(2))
    rows = read(RoomMembers(), order_by=("id",))
    assert rows[0] == {
        "id": inside[0].pk,
        "room_id": room.pk,
        "room_name": "Room 1",
        "room_status": "active",
        "member_id": ada.pk,
        "member_name": "Member 1",
        "member_email": "member1@example.com",
        "member_status": "active",
        "joined_at": "2026-10-12T09:00:00Z",
        "days_since_joined": 40,
        "posts_total": 2,
        "posts_30d": 1,
    }
    assert (rows[1]["member_status"], rows[1]["member_email"], rows[1]["posts_total"]) == ("suspended", None, 0)
    [counts] = read(Rooms(), "members_total", "members_7d", "members_30d", where={"id": room.pk})
    assert tuple(counts.values()) == (2, 1, 1)
