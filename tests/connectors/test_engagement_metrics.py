"""Members' activity: every figure again by hand, over some weeks of made-up life."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from connectors.engagement_metrics import EngagementMetrics
from decommerce.community.models import Comment, Member, Post, Reaction, XpEntry
from decommerce.community.services.members import house_member
from tests.connectors.rows import a_comment, a_member, a_post
from tests.connectors.world import NOW, ago

pytestmark = pytest.mark.requirement("PIP-01")


@pytest.fixture
def life(scope) -> None:
    """Five members who wrote, reacted and earned over seventy days, some of it twice a day, some of it taken down."""
    random = Random(7)
    members = [a_member(number) for number in range(1, 6)]
    posts = []
    for _ in range(60):
        status, kind = random.choice(["published"] * 5 + ["removed"]), random.choice(["post", "question", "answer"])
        at = ago(random.uniform(0, 70))
        posts.append(a_post(random.choice(members), kind=kind, status=status, created_at=at))
    for _ in range(60):
        a_comment(random.choice(posts), random.choice(members), created_at=ago(random.uniform(0, 70)))
    for number in range(60):
        by = random.choice([*members, None])
        Reaction.objects.create(
            post=random.choice(posts), member=by, kind=f"k{number}", created_at=ago(random.uniform(0, 70))
        )
        amount = random.choice([10, 25, -5])
        XpEntry.objects.create(
            member=random.choice(members), amount=amount, reason="r", idem_key=str(number),
            created_at=ago(random.uniform(0, 70)),
        )  # fmt: skip


def by_hand(member: Member, days: int, before: int) -> Counter[str]:
    """The figures of one member in so many days, which ended `before`."""
    since, until = NOW - timedelta(days=before + days), NOW - timedelta(days=before)
    posts = [p for p in Post.objects.filter(author=member, status="published") if since <= p.created_at < until]
    comments = [c for c in Comment.objects.filter(author=member) if since <= c.created_at < until]
    given = [r for r in Reaction.objects.filter(member=member) if since <= r.created_at < until]
    got = Reaction.objects.filter(post__author=member).exclude(post__status="removed")
    received = [r for r in got if since <= r.created_at < until]
    earned = XpEntry.objects.filter(member=member, amount__gt=0)
    answers = sum(post.kind == "answer" for post in posts)
    active = {row.created_at.date() for row in (*posts, *comments, *given)}
    score = 3 * len(posts) + 2 * answers + 2 * len(comments) + len(given) + len(received) + 2 * len(active)
    return Counter(
        posts=len(posts),
        answers=answers,
        comments=len(comments),
        reactions_given=len(given),
        reactions_received=len(received),
        xp=sum(entry.amount for entry in earned if since <= entry.created_at < until),
        active_days=len(active),
        score=score,
    )


@pytest.mark.parametrize("days", [7, 30])
def test_each_figure_of_a_period_is_what_is_counted_by_hand(life, read, days):
    members = {member.pk: member for member in Member.objects.all()}
    rows = read(EngagementMetrics())
    assert len(rows) == len(members)
    for row in rows:
        now, before = (by_hand(members[row["member_id"]], days, ended) for ended in (0, days))
        assert {name: row[f"{name}_{days}d"] for name in now} == dict(now)
        assert row[f"score_previous_{days}d"] == before["score"]
        assert row[f"score_change_{days}d"] == now["score"] - before["score"]
    assert sum(row[f"score_{days}d"] for row in rows) > 50


def test_the_most_active_of_the_week_are_one_fetch(life, read):
    rows = read(EngagementMetrics(), "display_name", "score_7d", order_by=("-score_7d",))
    assert [row["score_7d"] for row in rows] == sorted((row["score_7d"] for row in rows), reverse=True)


def test_whoever_does_nothing_has_a_score_of_nothing(scope, read):
    a_member(1)
    [row] = read(EngagementMetrics())
    assert {value for name, value in row.items() if name.endswith(("_7d", "_30d"))} == {0}


def test_the_platforms_own_author_is_not_among_them(scope, read):
    house_member()
    assert read(EngagementMetrics(), "member_id") == []
