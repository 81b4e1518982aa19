"""Auto-archive old rooms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Room
from decommerce.community.services.posts import create_post
from decommerce.community.services.rooms import create_room

pytestmark = pytest.mark.requirement("APP-09")


@pytest.fixture
def moderator(stage, make_admin):
    """Who hears of silent rooms."""
    return make_admin(stage.tenant, "moderator")


@pytest.fixture
def rooms(stage) -> dict[str, Room]:
    """Three rooms that were opened long ago and in which nobody ever wrote, and a new one."""
    with stage.community():
        made = {name: create_room(name) for name in ("Gear", "Huts", "Maps", "New")}
        for days, name in ((150, "Gear"), (200, "Huts"), (130, "Maps")):
            Room.objects.filter(pk=made[name].pk).update(created_at=timezone.now() - timedelta(days=days))
    stage.work()
    return made


def archived(stage) -> set[str]:
    with stage.community():
        return set(Room.objects.filter(status="archived").values_list("name", flat=True))


def test_a_room_is_announced_and_archived_later_unless_somebody_writes(stage, rooms, moderator):
    app = stage.create("auto-archive-old-rooms", notice=5)
    stage.fire(app)
    (warned,) = stage.notifications(app)
    assert (warned.member_id, warned.title) == (moderator.pk, "3 rooms to be archived in 5 days")
    assert "- Huts\n- Gear\n- Maps" in warned.body
    with stage.community():
        create_post(author_id=moderator.pk, title="Still here", body="Who else?", room_id=rooms["Gear"].pk)
    stage.work()
    stage.pass_time(days=4)
    stage.work()
    assert archived(stage) == set()
    stage.pass_time(days=1)
    stage.work()
    assert archived(stage) == {"Huts", "Maps"}
    assert [(told.title, told.body) for told in stage.notifications(app)[1:]] == [
        ("2 rooms archived", "- Huts\n- Maps")
    ]


def test_no_more_than_so_many_the_longest_silent_first(stage, rooms, moderator):
    app = stage.create("auto-archive-old-rooms", most=1)
    stage.fire(app)
    stage.pass_time(days=5)
    stage.work()
    assert archived(stage) == {"Huts"}
    assert stage.notifications(app)[0].title == "1 room to be archived in 5 days"


def test_where_no_room_is_silent_nobody_hears_of_it(stage, rooms, moderator):
    app = stage.create("auto-archive-old-rooms", silent=365)
    (run,) = stage.fire(app)
    assert run.state == "succeeded"
    assert stage.notifications(app) == []


def test_a_room_that_was_archived_by_hand_meanwhile_is_left_alone(stage, rooms, moderator):
    app = stage.create("auto-archive-old-rooms")
    stage.fire(app)
    with stage.community():
        Room.objects.filter(name="Huts").update(status="archived")
    stage.pass_time(days=5)
    stage.work()
    assert stage.notifications(app)[1].body == "- Gear\n- Maps"


def test_on_the_imported_community(stage, whole_dump, moderator):
    app = stage.create("auto-archive-old-rooms", silent=500, most=100)
    stage.fire(app)
    stage.pass_time(days=5)
    stage.work()
    written: dict[str, list[timedelta]] = {}
    room_of = {row["Id"]: row["Tags"].strip("<>|").replace("><", "|").split("|")[0] for row in whole_dump.questions()}
    for row in whole_dump.posts():
        question = row["Id"] if row["PostTypeId"] == "1" else row.get("ParentId", "")
        if question in room_of:
            written.setdefault(room_of[question], []).append(whole_dump.age(row["CreationDate"]))
    silent = {name for name, ages in written.items() if min(ages) >= timedelta(days=500)}
    # Of the other rooms, which nobody ever wrote in, the dump does not tell when they were opened.
    assert archived(stage) & set(written) == silent
    assert len(silent) > 0
    stage.tell(app, f"Announced and archived {len(archived(stage))} rooms in which nobody wrote for 500 days.")
