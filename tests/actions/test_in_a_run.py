"""Actions in an app: accepted by validation, performed by the engine, each with the result that later steps read."""

from __future__ import annotations

import pytest

from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from apps_engine.services.definitions import check_definition
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution, StepResult
from decommerce.community.models import (
    Comment,
    Member,
    Mission,
    Notification,
    Post,
    Reward,
    RewardClaim,
    Room,
    UserMission,
)
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from tests.connectors.rows import a_member, a_post, a_room

pytestmark = [pytest.mark.requirement("ACT-01"), pytest.mark.requirement("ACT-05")]

CAMPAIGN = definition(
    [
        {"id": "members", "fetch": "users", "where": {"xp": {"gte": 10}}, "fields": ["id", "xp"], "order_by": ["-xp"]},
        {
            "id": "mission",
            "act": "create_mission",
            "params": {"title": "Autumn walk", "xp_reward": 50, "ends_at": "{{ now | date_add: 7, 'days' }}"},
        },
        {"id": "mug", "act": "create_reward", "params": {"title": "Mug", "stock": 2}},
        {
            "id": "post",
            "act": "create_post",
            "params": {"title": "Autumn walk", "body": "Mission {{ mission.mission_id }} has begun."},
        },
        {"act": "create_comment", "params": {"post_id": "{{ post.post_id }}", "body": "Who comes along?"}},
        {
            "id": "everyone",
            "each": "{{ members }}",
            "as": "member",
            "steps": [
                {
                    "act": "update_user",
                    "params": {"member_id": "{{ member.id }}", "engagement_score": "{{ member.xp / 3 }}"},
                },
                {
                    "act": "assign_mission",
                    "params": {"mission_id": "{{ mission.mission_id }}", "member_id": "{{ member.id }}"},
                },
                {
                    "id": "gift",
                    "act": "grant_reward",
                    "params": {"reward_id": "{{ mug.reward_id }}", "member_id": "{{ member.id }}"},
                },
                {
                    "act": "send_notification",
                    "when": "{{ gift.changed }}",
                    "params": {
                        "to": "{{ member.id }}",
                        "title": "A mug for you",
                        "channels": ["in_app", "push"],
                        "link": "/notifications/",
                    },
                },
            ],
        },
    ],
    name="Campaign",
)
TIDYING = definition(
    [
        {
            "id": "low",
            "act": "update_post_status",
            "when": "{{ inputs.room > 0 }}",
            "params": {"post_id": "{{ inputs.post }}", "status": "hidden", "only_from": "published"},
        },
        {"id": "flag", "act": "flag_content", "params": {"post_id": "{{ inputs.post }}", "reason": "Short"}},
        {"act": "resolve_flag", "params": {"flag_id": "{{ flag.flag_id | default: 1 }}", "publish": True}},
        {"id": "room", "act": "archive_room", "params": {"room_id": "{{ inputs.room }}"}},
        {"act": "archive_room", "when": "{{ room.changed }}", "params": {"room_id": 10**9, "archived": False}},
    ],
    name="Tidying",
    inputs={"type": "object", "properties": {"post": {"type": "integer"}, "room": {"type": "integer"}}},
)


@pytest.fixture
def run(tenant, principal):
    """Create an app, run it as a worker would, and read what it kept of each step."""

    def perform(source: dict, inputs: dict | None = None) -> dict[str, dict]:
        with tenant_scope(tenant.pk):
            execution = run_app(principal, create_app(principal, source).pk, inputs or {})
        assert run_now(execution.pk) == Execution.State.SUCCEEDED
        with tenant_scope(tenant.pk):
            return {row.path: row.output for row in StepResult.objects.filter(execution=execution, kind="act")}

    return perform


def test_a_campaign_sets_up_hands_out_and_tells(tenant, run):
    with tenant_scope(tenant.pk):
        members = [a_member(number, xp=xp) for number, xp in enumerate((9, 10, 20, 40))]
    run(CAMPAIGN)
    with tenant_scope(tenant.pk):
        rich = [member.pk for member in reversed(members[1:])]
        assert Mission.objects.get().ends_at is not None
        assert list(UserMission.objects.order_by("pk").values_list("member_id", flat=True)) == rich
        assert [claim.member_id for claim in RewardClaim.objects.order_by("pk")] == rich[:2], "there were two mugs"
        assert Reward.objects.get().stock == 0
        assert [line.member_id for line in Notification.objects.order_by("pk")] == rich[:2]
        assert Comment.objects.get().post == Post.objects.get()
        scores = Member.objects.filter(pk__in=rich).order_by("-xp").values_list("engagement_score", flat=True)
        assert [str(score) for score in scores] == ["13.33", "6.67", "3.33"]


@pytest.mark.requirement("RUN-16")
def test_what_the_journal_keeps_is_enough_to_take_a_step_back(tenant, run, perform):
    with tenant_scope(tenant.pk):
        room, post = a_room(), a_post(a_member())
    kept = run(TIDYING, {"post": post.pk, "room": room.pk})
    steps = {
        "main/low": ("update_post_status", {"post_id": post.pk, "status": "hidden", "only_from": "published"}),
        "main/room": ("archive_room", {"room_id": room.pk}),
    }
    with tenant_scope(tenant.pk):
        assert (Post.objects.get().status, Room.objects.get().status) == ("hidden", "archived")
        for path, (name, params) in steps.items():
            undo = registry.actions[name].undo(params, kept[path])
            perform(registry.actions[undo.action], dict(undo.params))
        assert (Post.objects.get().status, Room.objects.get().status) == ("published", "active")


@pytest.mark.parametrize("source", [CAMPAIGN, TIDYING], ids=lambda source: source["name"])
def test_validation_has_nothing_to_say_against_them(tenant, source):
    with tenant_scope(tenant.pk):
        problems = check_definition(source).problems
    assert [problem for problem in problems if problem.severity == "error"] == []
