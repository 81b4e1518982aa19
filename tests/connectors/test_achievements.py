"""Missions, contributions and rewards as a definition sees them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.contributions import Contributions
from connectors.missions import Missions
from connectors.reward_claims import RewardClaims
from connectors.rewards import Rewards
from connectors.user_missions import UserMissions
from decommerce.community.models import Contribution, Mission, Reward, RewardClaim, UserMission
from tests.connectors.rows import a_member, a_post
from tests.connectors.world import NOW, ago

pytestmark = pytest.mark.requirement("PIP-01")


def test_how_a_mission_is_taken_is_counted(scope, read):
    members = [a_member(number) for number in range(1, 4)]
    mission = Mission.objects.create(title="Share", xp_reward=80, created_at=ago(60))
    Mission.objects.create(title="Nobody's")
    for member, started, completed in zip(members, (50, 9, 2), (20, 5, None), strict=True):
        UserMission.objects.create(
            mission=mission,
            member=member,
            started_at=ago(started),
            status="started" if completed is None else "completed",
            completed_at=None if completed is None else ago(completed),
        )
    fields = ("participants", "participants_30d", "in_progress", "completed", "completed_7d", "completed_30d",
              "completion_rate")  # fmt: skip
    rows = read(Missions(), *fields, order_by=("id",))
    assert tuple(rows[0].values()) == (3, 2, 1, 2, 1, 2, Decimal("66.7"))
    assert tuple(rows[1].values()) == (0, 0, 0, 0, 0, 0, None)


@pytest.mark.parametrize(
    ("ends_in", "days", "hours"),
    [
        (timedelta(days=2, hours=5), 2, 53),
        (timedelta(hours=5), 0, 5),
        (timedelta(0), 0, 0),
        (-timedelta(minutes=1), -1, -1),
        (-timedelta(days=1, hours=1), -2, -25),
        (None, None, None),
    ],
)
def test_what_is_left_of_a_mission_is_less_than_nothing_once_it_is_over(scope, read, ends_in, days, hours):
    mission = Mission.objects.create(title="Share", ends_at=None if ends_in is None else NOW + ends_in)
    UserMission.objects.create(mission=mission, member=a_member())
    assert read(Missions(), "days_left", "hours_left") == [{"days_left": days, "hours_left": hours}]
    assert read(UserMissions(), "days_left") == [{"days_left": days}]


def test_a_members_mission_reads_as_declared(scope, read):
    member = a_member()
    mission = Mission.objects.create(title="Share", xp_reward=80)
    row = UserMission.objects.create(mission=mission, member=member, progress=40, started_at=ago(11.5))
    assert read(UserMissions()) == [
        {
            "id": row.pk,
            "mission_id": mission.pk,
            "mission_title": "Share",
            "mission_status": "active",
            "xp_reward": 80,
            "ends_at": None,
            "member_id": member.pk,
            "member_name": "Member 1",
            "member_email": "member1@example.com",
            "status": "started",
            "progress": 40,
            "started_at": "2026-11-09T21:00:00Z",
            "completed_at": None,
            "days_since_started": 11,
            "days_left": None,
        }
    ]


def test_a_contribution_reads_as_declared_with_its_post(scope, read):
    member = a_member()
    post = a_post(member, title="Best")
    row = Contribution.objects.create(
        member=member, post=post, kind="featured_post", title="Featured: Best", points=20, created_at=ago(3)
    )
    Contribution.objects.create(member=member, kind="badge", title="Teacher")
    found, badge = read(Contributions(), order_by=("id",))
    assert found == {
        "id": row.pk,
        "kind": "featured_post",
        "title": "Featured: Best",
        "points": 20,
        "member_id": member.pk,
        "member_name": "Member 1",
        "member_email": "member1@example.com",
        "post_id": post.pk,
        "post_title": "Best",
        "created_at": "2026-11-18T09:00:00Z",
        "days_since_created": 3,
    }
    assert (badge["post_id"], badge["post_title"]) == (None, None)


def test_claims_of_a_reward_are_counted_but_for_cancelled_ones(scope, read):
    reward = Reward.objects.create(title="Cup", cost_xp=500, stock=12, created_at=ago(81))
    Reward.objects.create(title="Nobody's", created_at=ago(1))
    claims = (("fulfilled", 40), ("fulfilled", 10), ("claimed", 2), ("cancelled", 1))
    for number, (status, days) in enumerate(claims, 1):
        RewardClaim.objects.create(reward=reward, member=a_member(number), status=status, created_at=ago(days))
    fields = ("stock", "claims_total", "claims_7d", "claims_30d", "claims_waiting", "last_claim_at")
    rows = read(Rewards(), *fields, order_by=("id",))
    assert tuple(rows[0].values()) == (12, 3, 1, 2, 1, "2026-11-19T09:00:00Z")
    assert tuple(rows[1].values()) == (None, 0, 0, 0, 0, None)


def test_a_claim_reads_as_declared(scope, read):
    member, reward = a_member(email=None), Reward.objects.create(title="Cup", cost_xp=500)
    claim = RewardClaim.objects.create(reward=reward, member=member, created_at=ago(2.5))
    assert read(RewardClaims()) == [
        {
            "id": claim.pk,
            "reward_id": reward.pk,
            "reward_title": "Cup",
            "cost_xp": 500,
            "member_id": member.pk,
            "member_name": "Member 1",
            "member_email": None,
            "status": "claimed",
            "created_at": "2026-11-18T21:00:00Z",
            "days_since_claimed": 2,
        }
    ]
