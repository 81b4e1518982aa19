"""Members as a definition sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.users import Users
from decommerce.community.models import (
    Contribution,
    Mission,
    NotificationPreference,
    Reaction,
    Reward,
    RewardClaim,
    RoomMember,
    UserMission,
    XpEntry,
)
from decommerce.community.services.members import house_member
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_comment, a_flag, a_member, a_post, a_room, an_order
from tests.connectors.world import NOW, ago

pytestmark = pytest.mark.requirement("PIP-01")

STORED = ("id", "display_name", "email", "role", "status", "xp", "level", "engagement_score", "country", "location",
          "bio", "joined_at", "last_active_at")  # fmt: skip


@pytest.fixture
def figures(read):
    """The named fields of the first member."""
    return lambda *fields: read(Users(), *fields, order_by=("id",))[0]


def test_a_member_reads_as_declared(scope, read):
    member = a_member(1, xp=120, level=2, country="CH", engagement_score=Decimal("12.50"))
    assert read(Users(), *STORED) == [
        {
            "id": member.pk,
            "display_name": "Member 1",
            "email": "member1@example.com",
            "role": "member",
            "status": "active",
            "xp": 120,
            "level": 2,
            "engagement_score": Decimal("12.50"),
            "country": "CH",
            "location": "",
            "bio": "",
            "joined_at": "2026-11-20T08:15:00Z",
            "last_active_at": None,
        }
    ]


def test_the_role_is_that_of_the_members_seat_in_the_team(tenant, make_person, read):
    make_person(tenant, "moderator")
    with tenant_scope(tenant.pk):
        a_member(2)
        assert [row["role"] for row in read(Users(), "role")] == ["moderator", "member"]


def test_the_platforms_own_author_is_no_member(scope, read):
    house_member()
    assert read(Users(), "id") == []


def test_what_was_written_is_counted_by_week_month_and_in_all(scope, figures):
    ada, other = a_member(1), a_member(2)
    question = a_post(other, kind="question")
    for days in (1, 6.9, 7.1, 29, 31):
        a_post(ada, created_at=ago(days), kind="answer", parent=question)
    a_post(ada, created_at=ago(2))
    a_post(ada, created_at=ago(2), status="hidden")
    for days in (1, 8, 40):
        a_comment(question, ada, created_at=ago(days))
    assert figures("posts_7d", "posts_30d", "posts_total") == {"posts_7d": 3, "posts_30d": 5, "posts_total": 6}
    assert figures("answers_7d", "answers_30d", "answers_total") == {
        "answers_7d": 2,
        "answers_30d": 4,
        "answers_total": 5,
    }
    assert figures("comments_7d", "comments_30d", "comments_total") == {
        "comments_7d": 1,
        "comments_30d": 2,
        "comments_total": 3,
    }
    assert figures("first_post_at", "last_post_at") == {
        "first_post_at": "2026-10-21T09:00:00Z",
        "last_post_at": "2026-11-20T09:00:00Z",
    }


def test_activity_is_posts_comments_and_reactions_and_is_compared_with_the_time_before(scope, figures):
    ada, other = a_member(1), a_member(2)
    post = a_post(other)
    for days in (1, 10, 31, 59):
        a_post(ada, created_at=ago(days))
    a_comment(post, ada, created_at=ago(2))
    Reaction.objects.create(post=post, member=ada, kind="like", created_at=ago(13.9))
    a_comment(post, ada, created_at=ago(61))
    fields = ("activity_7d", "activity_previous_7d", "activity_30d", "activity_previous_30d")
    assert tuple(figures(*fields).values()) == (2, 2, 4, 2)


def test_what_comes_back_is_counted_for_published_posts(scope, figures):
    ada, other = a_member(1), a_member(2)
    post, removed = a_post(ada, created_at=ago(90)), a_post(ada, status="removed")
    Reaction.objects.create(post=post, member=other, kind="like", created_at=ago(40))
    Reaction.objects.create(post=post, kind="like", created_at=ago(4))
    Reaction.objects.create(post=removed, member=other, kind="like", created_at=ago(4))
    a_flag(removed)
    a_flag(post, resolved_at=NOW)
    assert figures("reactions_received_total", "reactions_received_30d", "flags_open") == {
        "reactions_received_total": 2,
        "reactions_received_30d": 1,
        "flags_open": 1,
    }


@pytest.mark.parametrize(
    ("days", "streak"),
    [
        ([], 0),
        (["2026-11-21T00:00:00Z"], 1),
        (["2026-11-20T23:59:59Z"], 1),
        (["2026-11-19T23:59:59Z"], 0),
        (["2026-11-21T08:00:00Z", "2026-11-20T01:00:00Z", "2026-11-20T23:00:00Z", "2026-11-19T12:00:00Z"], 3),
        (["2026-11-20T12:00:00Z", "2026-11-19T12:00:00Z", "2026-11-17T12:00:00Z"], 2),
        (["2026-11-21T12:00:00Z", "2026-11-19T12:00:00Z", "2026-11-18T12:00:00Z"], 1),
        (["2026-11-22T01:00:00Z", "2026-11-21T08:00:00Z"], 1),  # tomorrow, as the run sees it, has not come
        (["2026-03-01T12:00:00Z", "2026-02-28T12:00:00Z"], 0),
    ],
)
def test_a_streak_counts_days_in_a_row_up_to_today_or_yesterday(scope, figures, days, streak):
    ada = a_member(1)
    for day in days:
        a_post(ada, created_at=datetime.fromisoformat(day))
    assert figures("streak_days") == {"streak_days": streak}


@pytest.mark.parametrize(
    ("days", "since"),
    [
        ([], None),
        (["2026-11-19T23:59:59Z"], None),
        (["2026-11-20T23:59:59Z", "2026-11-19T12:00:00Z"], "2026-11-19T00:00:00Z"),
        (["2026-11-21T00:00:00Z", "2026-11-20T12:00:00Z", "2026-11-18T12:00:00Z"], "2026-11-20T00:00:00Z"),
    ],
)
def test_a_streak_began_on_its_first_day_whether_or_not_today_has_come_to_it_yet(scope, figures, days, since):
    ada = a_member(1)
    for day in days:
        a_post(ada, created_at=datetime.fromisoformat(day))
    assert figures("streak_since") == {"streak_since": since}


def test_a_streak_goes_on_whatever_is_done(scope, figures):
    ada, other = a_member(1), a_member(2)
    post = a_post(other)
    a_post(ada, created_at=ago(1))
    a_comment(post, ada, created_at=ago(2))
    Reaction.objects.create(post=post, member=ada, kind="like", created_at=ago(3))
    a_post(ada, created_at=ago(4), status="removed")
    assert figures("streak_days") == {"streak_days": 3}


def test_a_streak_of_years_is_counted_to_the_day(scope, figures):
    ada = a_member(1)
    for days in range(800):
        a_post(ada, created_at=ago(days))
    assert figures("streak_days") == {"streak_days": 800}


def test_days_are_whole_and_count_from_the_runs_own_now(scope, figures):
    a_member(1, joined_at=ago(2.99), last_active_at=ago(0.5))
    assert figures("days_since_joined", "days_since_active") == {"days_since_joined": 2, "days_since_active": 0}


def test_what_was_earned_is_added_up(scope, figures):
    ada = a_member(1)
    for number, (amount, days) in enumerate([(30, 1), (-10, 1), (5, 8), (100, 31)]):
        XpEntry.objects.create(member=ada, amount=amount, reason="r", idem_key=str(number), created_at=ago(days))
    for kind, days in (("badge", 3), ("badge", 300), ("referral", 3), ("referral", 31), ("review", 3)):
        Contribution.objects.create(member=ada, kind=kind, title="t", created_at=ago(days))
    for title, status in (("a", "completed"), ("b", "started"), ("c", "started")):
        UserMission.objects.create(mission=Mission.objects.create(title=title), member=ada, status=status)
    for title, status in (("a", "fulfilled"), ("b", "claimed"), ("c", "cancelled")):
        RewardClaim.objects.create(reward=Reward.objects.create(title=title), member=ada, status=status)
    RoomMember.objects.create(room=a_room(), member=ada)
    assert figures("xp_7d", "xp_30d", "contributions_total", "badges_total", "referrals_total", "referrals_30d") == {
        "xp_7d": 30,
        "xp_30d": 35,
        "contributions_total": 5,
        "badges_total": 2,
        "referrals_total": 2,
        "referrals_30d": 1,
    }
    assert figures("missions_open", "missions_completed", "rewards_claimed", "rooms_joined") == {
        "missions_open": 2,
        "missions_completed": 1,
        "rewards_claimed": 2,
        "rooms_joined": 1,
    }


def test_what_was_bought_is_added_up_exactly(scope, figures):
    ada = a_member(1)
    an_order(1, member=ada, total_price=Decimal("49.00"), total_refunded=Decimal("9.10"), created_at=ago(3))
    an_order(2, member=ada, total_price=Decimal("0.10"), created_at=ago(33))
    an_order(3, member=ada, total_price=Decimal("500.00"), created_at=ago(1), cancelled_at=ago(1))
    an_order(4, total_price=Decimal("70.00"))
    assert figures("orders_count", "orders_total", "orders_30d", "first_order_at", "last_order_at") == {
        "orders_count": 2,
        "orders_total": Decimal("40.00"),
        "orders_30d": 1,
        "first_order_at": "2026-10-19T09:00:00Z",
        "last_order_at": "2026-11-18T09:00:00Z",
    }


@pytest.mark.parametrize(
    ("fields", "channel", "topic", "enabled", "wanted"),
    [
        ({}, "push", "", False, True),
        ({}, "email", "", False, False),
        ({}, "email", "", True, True),
        ({}, "email", "digest", False, True),
        ({"email": None}, "push", "", False, False),
        ({"status": "suspended"}, "push", "", False, False),
    ],
)
def test_who_cannot_or_will_not_get_mail_is_told(scope, figures, fields, channel, topic, enabled, wanted):
    member = a_member(1, **fields)
    NotificationPreference.objects.create(member=member, channel=channel, topic=topic, enabled=enabled)
    assert figures("wants_email") == {"wants_email": wanted}


@pytest.mark.requirement("PIP-03")
def test_figures_select_and_order_members(scope, read):
    names = {}
    for number, posts in enumerate((2, 0, 5, 1), 1):
        member = a_member(number)
        names[member.pk] = posts
        for _ in range(posts):
            a_post(member, created_at=ago(1))
    rows = read(Users(), "id", where={"posts_7d": {"gte": 1}}, order_by=("-posts_7d",))
    assert [names[row["id"]] for row in rows] == [5, 2, 1]


def test_members_are_read_as_they_are_when_their_first_day_is_the_last_of_the_calendar(scope, figures):
    """Times near the end of the calendar break nothing."""
    a_member(1, joined_at=datetime(9999, 12, 31, tzinfo=UTC), last_active_at=datetime(1, 1, 1, tzinfo=UTC))
    row = figures("days_since_joined", "days_since_active")
    assert (row["days_since_joined"] < 0, row["days_since_active"] > 700_000) == (True, True)
