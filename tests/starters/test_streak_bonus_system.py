"""Streak bonus system."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from decommerce.community.models import Channel, Member, NotificationPreference, Post
from decommerce.community.services.posts import NewPost, create_posts

pytestmark = pytest.mark.requirement("APP-09")


def active_on(stage, member: Member, *days_ago: int) -> None:
    """The member wrote a post at noon (UTC) on each of these days."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    with stage.community():
        written = create_posts([NewPost(member.pk, "Day by day.", "A day") for _ in days_ago])
        for result, days in zip(written, days_ago, strict=True):
            # Noon of today may not have come yet.
            at = min(noon - timedelta(days=days), datetime.now(UTC))
            Post.objects.filter(pk=result.post_id).update(created_at=at)
    stage.work()


def bonuses(stage, app) -> list[tuple[str, int, str]]:
    """What was booked: who, how much, what for."""
    return [(entry.member.display_name, entry.amount, entry.reason) for entry in stage.xp(app)]


def test_a_streak_that_reaches_its_mark_is_rewarded_and_a_shorter_one_is_not(stage, people):
    ada, ben = people("Ada", "Ben")
    active_on(stage, ada, *range(7))
    active_on(stage, ben, *range(6))
    app = stage.create("streak-bonus-system")
    stage.fire(app)
    assert bonuses(stage, app) == [("Ada", 20, "7 days in a row")]
    assert [(told.member.display_name, told.title) for told in stage.notifications(app)] == [
        ("Ada", "7 days in a row: 20 XP for you")
    ]


def test_a_mark_is_rewarded_once_however_often_it_is_looked_at(stage, people):
    (ada,) = people("Ada")
    # Yesterday was her seventh day; today she has not written yet, and then she does.
    active_on(stage, ada, *range(1, 8))
    app = stage.create("streak-bonus-system")
    stage.run(app)
    active_on(stage, ada, 0)
    stage.run(app)
    assert len(bonuses(stage, app)) == len(stage.notifications(app)) == 1


def test_every_further_mark_is_rewarded_and_a_new_streak_begins_anew(stage, people):
    ada, ben = people("Ada", "Ben")
    active_on(stage, ada, *range(5))
    app = stage.create("streak-bonus-system", every=5, long_bonus=0)
    stage.run(app)
    active_on(stage, ada, *range(5, 10))
    active_on(stage, ben, *range(5))
    stage.run(app)
    # For Ada it is the second mark by now: the posts were written later, for earlier days.
    assert bonuses(stage, app) == [
        ("Ada", 20, "5 days in a row"),
        ("Ada", 20, "10 days in a row"),
        ("Ben", 20, "5 days in a row"),
    ]


def test_a_long_streak_brings_the_large_bonus_on_top_once(stage, people):
    (ada,) = people("Ada")
    active_on(stage, ada, *range(30))
    app = stage.create("streak-bonus-system", every=10, long=30, long_bonus=150)
    stage.run(app)
    stage.run(app)
    assert bonuses(stage, app) == [("Ada", 20, "30 days in a row"), ("Ada", 150, "30 days in a row")]


def test_who_does_not_want_to_hear_of_it_gets_the_bonus_all_the_same(stage, people):
    (ada,) = people("Ada")
    active_on(stage, ada, *range(7))
    with stage.community():
        NotificationPreference.objects.create(member=ada, channel=Channel.IN_APP, topic="streak", enabled=False)
    app = stage.create("streak-bonus-system")
    stage.run(app)
    assert len(bonuses(stage, app)) == 1
    assert stage.notifications(app) == []


def test_on_the_imported_community(stage, dump):
    """The last days of the dump were quiet, so time is turned back to the busiest ones."""
    busiest = dump.at("2018-02-10T12:00:00")
    days: dict[str, set] = defaultdict(set)
    shift = datetime.now(UTC) - busiest
    for rows, who in ((dump.posts(), "OwnerUserId"), (dump.comments(), "UserId"), (dump.reactions(), "UserId")):
        for row in rows:
            if row.get(who):
                days[row[who]].add((dump.at(row["CreationDate"]) + shift).date())
    stage.pass_time(seconds=-shift.total_seconds())
    app = stage.create("streak-bonus-system", every=3, bonus=10, long_bonus=0)
    stage.fire(app)
    today = datetime.now(UTC).date()
    streaks = {user: streak(active, today) for user, active in days.items()}
    expected = {f"se:{user}": length - length % 3 for user, length in streaks.items() if length >= 3}
    assert {entry.member.external_id: int(entry.reason.split()[0]) for entry in stage.xp(app)} == expected
    longest = max(streaks.values())
    stage.tell(
        app, f"Rewarded {len(expected)} members for three days in a row and more; the longest streak: {longest}."
    )


def streak(active: set, today) -> int:
    """Days in a row up to today or yesterday, counted one by one."""
    day = today if today in active else today - timedelta(days=1)
    length = 0
    while day in active:
        length += 1
        day -= timedelta(days=1)
    return length
