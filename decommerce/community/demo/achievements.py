"""Missions, rewards, contributions and XP of a demo community."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from decommerce.community.demo.theme import Theme
from decommerce.community.models import (
    Contribution,
    Member,
    Mission,
    Post,
    Reward,
    UserMission,
    UserMissionStatus,
    XpEntry,
)
from decommerce.community.services.xp import level_of

XP_OF_A_POST = 10


def make_missions(theme: Theme, now: datetime) -> list[Mission]:
    """The missions of the theme."""
    return [
        Mission(idem_key=f"demo:{title}", title=title, description=text, xp_reward=xp, created_at=now - timedelta(90))
        for title, text, xp in theme.missions
    ]


def make_rewards(theme: Theme, now: datetime) -> list[Reward]:
    """The rewards of the theme; the dearer, the fewer."""
    return [
        Reward(
            idem_key=f"demo:{title}",
            title=title,
            description=text,
            cost_xp=cost,
            stock=max(6000 // cost, 3),
            created_at=now - timedelta(90),
        )
        for title, text, cost in theme.rewards
    ]


def make_user_missions(
    missions: Sequence[Mission], members: Sequence[Member], random: Random, now: datetime
) -> list[UserMission]:
    """Each mission is done by some, and begun by others."""
    rows = []
    for mission in missions:
        for member in random.sample(list(members), 24):
            started_at = max(member.joined_at, now - timedelta(days=random.randint(2, 80)))
            done = random.random() < 0.55
            rows.append(
                UserMission(
                    mission=mission,
                    member=member,
                    status=UserMissionStatus.COMPLETED if done else UserMissionStatus.STARTED,
                    progress=100 if done else random.randrange(0, 100, 20),
                    started_at=started_at,
                    completed_at=started_at + timedelta(days=1) if done else None,
                )
            )
    return rows


def make_contributions(posts: Sequence[Post], random: Random) -> list[Contribution]:
    """The best posts were noticed."""
    best = sorted(posts, key=lambda post: -post.score)[:30]
    return [
        Contribution(
            external_id=f"demo:{number}",
            member=post.author,
            post=post,
            kind="featured_post",
            title=f"Featured: {post.title or 'an answer'}",
            points=random.choice((10, 20, 30)),
            created_at=post.created_at + timedelta(hours=1),
        )
        for number, post in enumerate(best, 1)
    ]


def make_xp(posts: Sequence[Post], user_missions: Sequence[UserMission]) -> list[XpEntry]:
    """The ledger of what was written and done; the members' `xp` and `level` follow from it."""
    written = [
        XpEntry(
            member=post.author,
            amount=XP_OF_A_POST + post.score,
            reason="Post",
            idem_key=f"demo:post:{post.external_id}",
            created_at=post.created_at,
        )
        for post in posts
    ]
    done = [
        XpEntry(
            member=row.member,
            amount=row.mission.xp_reward,
            reason=row.mission.title,
            idem_key=f"mission:{row.mission.pk}:{row.member.pk}",
            created_at=row.completed_at,
        )
        for row in user_missions
        if row.completed_at is not None
    ]
    entries = [*written, *done]
    for entry in entries:
        entry.member.xp += entry.amount
        entry.member.level = level_of(entry.member.xp)
    return entries
