"""Rewards are paid for with XP."""

from __future__ import annotations

import pytest

from decommerce.community.models import Reward, RewardClaim
from decommerce.community.services import reward_claims, rewards
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import NotFound

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_reward_is_paid_for_and_runs_out(tenant, make_member, published):
    rich, second, poor = make_member(xp=500), make_member(xp=500), make_member(xp=10)
    with tenant_scope(tenant.pk):
        reward_id = rewards.create_rewards([rewards.NewReward("Mug", cost_xp=300, stock=1)])[0].reward_id
        with pytest.raises(reward_claims.ClaimRefused) as refused:
            reward_claims.claim_reward(reward_id, poor.pk)
        assert refused.value.code == "xp_too_low"
        reward_claims.claim_reward(reward_id, rich.pk)
        with pytest.raises(reward_claims.ClaimRefused) as refused:
            reward_claims.claim_reward(reward_id, second.pk)
        assert refused.value.code == "out_of_stock"
        with pytest.raises(NotFound):
            reward_claims.claim_reward(10**9, rich.pk)
        rich.refresh_from_db()
        assert rich.xp == 200
        assert (Reward.objects.get().stock, RewardClaim.objects.count()) == (0, 1)
    assert published.types(tenant) == ["reward.created", "xp.awarded", "reward.claimed"]
