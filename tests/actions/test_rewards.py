"""Setting up rewards, giving them to members, ending them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.create_reward import CreateReward, CreateRewardParams
from actions.grant_reward import GrantReward
from actions.update_reward_status import UpdateRewardStatus, UpdateRewardStatusParams
from decommerce.community.models import Member, OutboxEvent, Reward, RewardClaim, XpEntry
from decommerce.community.services.reward_claims import claim_reward
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("ACT-01")

HOSTILE = "<script>alert(1)</script> {{ tenant.secret }} '; DROP TABLE community_reward; --"


def a_reward(**fields) -> Reward:
    return Reward.objects.create(**{"title": "Club mug", **fields})


def told() -> list[str]:
    return [row.envelope["type"] for row in OutboxEvent.objects.order_by("pk")]


def test_a_reward_is_set_up_and_told_as_an_event(acting, perform):
    [result] = perform(CreateReward(), {"title": "Club mug", "description": "Enamel", "cost_xp": 300, "stock": 25})
    reward = Reward.objects.get()
    assert result == {"reward_id": reward.pk, "created": True, "skipped": None}
    assert (reward.title, reward.status, reward.cost_xp, reward.stock, reward.app_id) == (
        "Club mug",
        "active",
        300,
        25,
        7,
    )
    assert told() == ["reward.created"]


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_sets_up_nothing_more(acting, perform):
    [first] = perform(CreateReward(), {"title": "Mug"}, keys=["run:8:main/reward"])
    [again] = perform(CreateReward(), {"title": "Mug"}, keys=["run:8:main/reward"])
    assert again == {"reward_id": first["reward_id"], "created": False, "skipped": "duplicate"}
    assert Reward.objects.get().stock is None


def test_hostile_text_is_stored_as_text(acting, perform):
    perform(CreateReward(), {"title": HOSTILE, "description": HOSTILE + "\x00"})
    reward = Reward.objects.get()
    assert (reward.title, reward.description) == (HOSTILE, HOSTILE)


def test_a_member_is_given_a_reward_for_free_and_the_stock_goes_down(acting, perform):
    reward, member = a_reward(cost_xp=300, stock=2), a_member(xp=10)
    [result] = perform(GrantReward(), {"reward_id": reward.pk, "member_id": member.pk})
    claim = RewardClaim.objects.get()
    assert result == {
        "reward_id": reward.pk,
        "member_id": member.pk,
        "claim_id": claim.pk,
        "changed": True,
        "skipped": None,
    }
    assert (claim.status, Reward.objects.get().stock, Member.objects.get().xp) == ("claimed", 1, 10)
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert (event["type"], event["data"]["reward"]["stock"], event["data"]["claim"]["id"]) == (
        "reward.claimed",
        1,
        claim.pk,
    )


def test_what_cannot_be_given_is_said_item_by_item(acting, perform):
    members = [a_member(number) for number in range(3)]
    suspended = a_member(9, status="suspended")
    scarce, ended = a_reward(stock=1), a_reward(status="ended")
    results = perform(
        GrantReward(),
        {"reward_id": scarce.pk, "member_id": members[0].pk},
        {"reward_id": scarce.pk, "member_id": members[0].pk},
        {"reward_id": scarce.pk, "member_id": members[1].pk},
        {"reward_id": ended.pk, "member_id": members[1].pk},
        {"reward_id": 10**9, "member_id": members[1].pk},
        {"reward_id": scarce.pk, "member_id": 10**9},
        {"reward_id": a_reward().pk, "member_id": suspended.pk},
    )
    assert [result["skipped"] for result in results] == [
        None,
        "already_claimed",
        "out_of_stock",
        "reward_ended",
        "reward_not_found",
        "member_not_found",
        "member_suspended",
    ]
    assert RewardClaim.objects.count() == 1
    assert Reward.objects.get(pk=scarce.pk).stock == 0


def test_a_reward_that_was_paid_for_is_taken_back_with_its_xp_and_its_stock(acting, perform):
    reward, member = a_reward(cost_xp=300, stock=1), a_member(xp=500, level=3)
    claim = claim_reward(reward.pk, member.pk)
    back = {"reward_id": reward.pk, "member_id": member.pk, "granted": False}
    results = perform(GrantReward(), back, back)
    assert [result["skipped"] for result in results] == [None, "not_claimed"]
    claim.refresh_from_db()
    assert (claim.status, Reward.objects.get().stock, Member.objects.get().xp) == ("cancelled", 1, 500)
    assert [entry.amount for entry in XpEntry.objects.order_by("pk")] == [-300, 300]


def test_what_was_taken_back_can_be_given_again_and_costs_nothing_then(acting, perform):
    reward, member = a_reward(stock=1), a_member()
    pair = {"reward_id": reward.pk, "member_id": member.pk}
    for granted in (True, False, True):
        [result] = perform(GrantReward(), {**pair, "granted": granted})
        assert result["changed"]
    assert (RewardClaim.objects.get().status, Reward.objects.get().stock) == ("claimed", 0)
    assert told() == ["reward.claimed", "reward.claimed"]
    keys = {row.envelope["dedupekey"] for row in OutboxEvent.objects.all()}
    assert len(keys) == 2


def test_what_was_handed_out_is_not_taken_back(acting, perform):
    reward, member = a_reward(stock=4), a_member()
    RewardClaim.objects.create(reward=reward, member=member, status="fulfilled")
    [result] = perform(GrantReward(), {"reward_id": reward.pk, "member_id": member.pk, "granted": False})
    assert (result["changed"], result["skipped"]) == (False, "already_fulfilled")
    assert Reward.objects.get().stock == 4


def test_a_reward_is_ended_and_offered_again(acting, perform):
    reward = a_reward()
    results = perform(
        UpdateRewardStatus(),
        {"reward_id": reward.pk, "status": "ended"},
        {"reward_id": reward.pk, "status": "ended"},
        {"reward_id": reward.pk, "status": "active", "only_from": "active"},
        {"reward_id": 10**9, "status": "ended"},
    )
    assert [(result["changed"], result["previous_status"], result["skipped"]) for result in results] == [
        (True, "active", None),
        (False, "ended", "unchanged"),
        (False, "ended", "other_status"),
        (False, None, "not_found"),
    ]
    assert Reward.objects.get().status == "ended"


@pytest.mark.requirement("SEC-01")
def test_another_tenants_reward_and_member_are_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        reward, member = a_reward(stock=5), a_member()
        RewardClaim.objects.create(reward=reward, member=member)
    with tenant_scope(tenant.pk):
        own, mine = a_reward(), a_member()
        results = perform(
            GrantReward(),
            {"reward_id": reward.pk, "member_id": mine.pk},
            {"reward_id": own.pk, "member_id": member.pk},
            {"reward_id": reward.pk, "member_id": member.pk, "granted": False},
        )
        assert [result["skipped"] for result in results] == ["reward_not_found", "member_not_found", "not_claimed"]
        assert perform(UpdateRewardStatus(), {"reward_id": reward.pk, "status": "ended"})[0]["skipped"] == "not_found"
        assert not RewardClaim.objects.exists()
    with tenant_scope(other_tenant.pk):
        assert (Reward.objects.get().status, Reward.objects.get().stock) == ("active", 5)
        assert RewardClaim.objects.get().status == "claimed"


def test_five_hundred_rewards_take_as_many_statements_as_one(acting, perform, queries_of):
    perform(CreateReward(), {"title": "Zero"}, keys=["zeroth"])
    one = queries_of(lambda: perform(CreateReward(), {"title": "One"}, keys=["first"]))
    many = [{"title": f"Reward {number}"} for number in range(500)]
    assert queries_of(lambda: perform(CreateReward(), *many)) == one
    ends = [{"reward_id": pk, "status": "ended"} for pk in Reward.objects.values_list("pk", flat=True)]
    one = queries_of(lambda: perform(UpdateRewardStatus(), ends[0]))
    assert queries_of(lambda: perform(UpdateRewardStatus(), *ends[1:])) == one
    assert Reward.objects.filter(status="ended").count() == 502


def test_five_hundred_members_take_as_many_statements_as_one(acting, perform, queries_of):
    reward = a_reward(stock=600)
    members = Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(502))
    pairs = [{"reward_id": reward.pk, "member_id": member.pk} for member in members]
    perform(GrantReward(), pairs[0])
    one = queries_of(lambda: perform(GrantReward(), pairs[1]))
    assert queries_of(lambda: perform(GrantReward(), *pairs[2:])) == one
    assert (RewardClaim.objects.count(), Reward.objects.get().stock) == (502, 98)
    back = [{**pair, "granted": False} for pair in pairs]
    one = queries_of(lambda: perform(GrantReward(), back[0]))
    assert queries_of(lambda: perform(GrantReward(), *back[1:])) == one
    assert Reward.objects.get().stock == 600


@pytest.mark.parametrize(
    ("model", "params"),
    [
        (CreateRewardParams, {}),
        (CreateRewardParams, {"title": ""}),
        (CreateRewardParams, {"title": "\x00"}),
        (CreateRewardParams, {"title": "x" * 201}),
        (CreateRewardParams, {"title": "x", "cost_xp": -1}),
        (CreateRewardParams, {"title": "x", "cost_xp": 1_000_001}),
        (CreateRewardParams, {"title": "x", "stock": -1}),
        (CreateRewardParams, {"title": "x", "stock": 1_000_001}),
        (CreateRewardParams, {"title": "x", "stock": True}),
        (CreateRewardParams, {"title": "x", "status": "ended"}),
        (UpdateRewardStatusParams, {"reward_id": 1, "status": "draft"}),
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(model, params):
    with pytest.raises(ValidationError):
        model.model_validate(params)
