"""What an action did is taken back by another call, and the community is as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.table import ACTIONS
from apps_engine.contracts import LocalAction
from apps_engine.language.jsontext import dumps, loads
from apps_engine.registry import registry
from decommerce.community.models import (
    Comment,
    Flag,
    Member,
    Mission,
    Post,
    Reward,
    RewardClaim,
    Room,
    UserMission,
)
from tests.connectors.rows import a_flag, a_member, a_post, a_room

pytestmark = [pytest.mark.requirement("ACT-01"), pytest.mark.requirement("RUN-16")]


class Community:
    """A community to act on; `state` is what people see of it."""

    def __init__(self) -> None:
        self.member = a_member(xp=120, level=2, country="DE")
        self.post = a_post(self.member)
        self.room = a_room()
        self.mission = Mission.objects.create(title="Hello", xp_reward=50)
        self.reward = Reward.objects.create(title="Mug", stock=3)

    @staticmethod
    def state() -> dict[str, Any]:
        return {
            "members": list(Member.objects.exclude(external_id="platform:house").values("xp", "level", "country")),
            "posts": list(Post.objects.exclude(status="removed").values("pk", "status", "comment_count")),
            "comments": list(Comment.objects.values("pk", "body")),
            "flags": list(Flag.objects.filter(resolved_at=None).values("pk")),
            "rooms": list(Room.objects.values("pk", "status")),
            "missions": list(Mission.objects.filter(status="active").values("pk")),
            "user_missions": list(UserMission.objects.values("member", "status", "progress")),
            "rewards": list(Reward.objects.filter(status="active").values("pk", "stock")),
            "claims": list(RewardClaim.objects.exclude(status="cancelled").values("member", "status")),
        }


Wanted = Callable[[Community], dict[str, Any]]
CALLS: dict[str, Wanted] = {
    "award_xp": lambda here: {"member_id": here.member.pk, "amount": 700, "reason": "x" * 200},
    "create_post": lambda here: {"body": "Hello"},
    "create_comment": lambda here: {"post_id": here.post.pk, "body": "Hello"},
    "flag_content": lambda here: {"post_id": here.post.pk, "reason": "Short", "review": True},
    "update_post_status": lambda here: {"post_id": here.post.pk, "status": "hidden"},
    "update_user": lambda here: {"member_id": here.member.pk, "country": "CH", "engagement_score": 4},
    "archive_room": lambda here: {"room_id": here.room.pk},
    "create_mission": lambda here: {"title": "Say hello"},
    "update_mission_status": lambda here: {"mission_id": here.mission.pk, "status": "ended"},
    "assign_mission": lambda here: {"mission_id": here.mission.pk, "member_id": here.member.pk},
    "create_reward": lambda here: {"title": "Shirt", "stock": 4},
    "update_reward_status": lambda here: {"reward_id": here.reward.pk, "status": "ended"},
    "grant_reward": lambda here: {"reward_id": here.reward.pk, "member_id": here.member.pk},
}
EACH = pytest.mark.parametrize("name", CALLS)


@pytest.fixture
def undo(perform):
    """Take a call back as it is kept: parameters and result as JSON; returns whether there was anything to undo."""

    def take_back(action: LocalAction, params: dict[str, Any], result: dict[str, Any]) -> bool:
        wanted = action.undo(loads(dumps(params)), loads(dumps(result)))
        if wanted is None:
            return False
        [done] = perform(registry.actions[wanted.action], loads(dumps(dict(wanted.params))), keys=["undo"])
        return done["skipped"] is None

    return take_back


def test_every_local_action_that_says_so_is_tested_here():
    assert set(CALLS) == {action.name for action in ACTIONS if action.undoable and action.local}


@EACH
def test_what_was_done_is_taken_back(acting, perform, undo, name):
    action, here = registry.actions[name], Community()
    before, params = here.state(), CALLS[name](here)
    [result] = perform(action, params)
    assert here.state() != before
    assert undo(action, params, result)
    assert here.state() == before


@EACH
def test_a_call_that_did_nothing_has_nothing_to_take_back(acting, perform, undo, name):
    action, here = registry.actions[name], Community()
    params = CALLS[name](here)
    perform(action, params, keys=["same"])
    done = here.state()
    [again] = perform(action, params, keys=["same"])
    assert again["skipped"]
    assert not undo(action, params, again)
    assert not undo(action, params, {"skipped": "already_done"})
    assert here.state() == done


@pytest.mark.parametrize(
    ("name", "params", "later"),
    [
        (
            "update_user",
            lambda here: {"member_id": here.member.pk, "country": "CH"},
            lambda here: Member.objects.filter(pk=here.member.pk).update(country="FR"),
        ),
        (
            "update_post_status",
            lambda here: {"post_id": here.post.pk, "status": "hidden"},
            lambda here: Post.objects.filter(pk=here.post.pk).update(status="review"),
        ),
        (
            "flag_content",
            lambda here: {"post_id": here.post.pk, "reason": "Short", "review": True},
            lambda here: a_flag(here.post, raised_by_label="a moderator"),
        ),
        (
            "assign_mission",
            lambda here: {"mission_id": here.mission.pk, "member_id": here.member.pk},
            lambda here: UserMission.objects.update(progress=40),
        ),
    ],
)
def test_what_somebody_changed_since_is_left_to_them(acting, perform, undo, name, params, later):
    action, here = registry.actions[name], Community()
    [result] = perform(action, params(here))
    later(here)
    since = here.state()
    undo(action, params(here), result)
    assert here.state()["posts"] == since["posts"]
    assert here.state()["members"] == since["members"]
    assert here.state()["user_missions"] == since["user_missions"]
