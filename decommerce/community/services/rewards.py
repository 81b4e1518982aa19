"""Rewards: setting them up, and members claiming them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_new, insert_once
from decommerce.community.models import Member, Reward, RewardClaim, RewardStatus
from decommerce.community.outbox import NewEvent, emit, emit_many
from decommerce.community.services.members import person
from decommerce.community.services.xp import XpAward, award_xp
from decommerce.community.values import checked
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.errors import NotFound, PlatformError


class ClaimRefused(PlatformError):
    """A reward cannot be claimed: reward_ended, out_of_stock, already_claimed or xp_too_low."""

    status = 409


@dataclass(frozen=True, slots=True)
class NewReward:
    """A reward to be set up; `idem_key` lets it be set up once only."""

    title: str
    description: str = ""
    cost_xp: int = 0
    stock: int | None = None
    idem_key: str | None = None


@dataclass(frozen=True, slots=True)
class RewardResult:
    """`outcome`: created or duplicate (of `reward_id`)."""

    reward_id: int | None
    outcome: str


def create_rewards(news: Sequence[NewReward]) -> list[RewardResult]:
    """Set up rewards; emits reward.created for each that is new. Raises ValueInvalid."""
    rows = [_row(new) for new in news]
    inserted = insert_once(rows)
    emit_many(
        [
            NewEvent("reward.created", {"reward": _payload(row)}, f"reward/{row.pk}", f"reward.created:{row.pk}")
            for row in inserted.new
        ]
    )
    return [RewardResult(*inserted.place(row)) for row in rows]


def claim_reward(reward_id: int, member_id: int) -> RewardClaim:
    """Claim a reward for a member, who pays its XP; raises NotFound or ClaimRefused. Emits reward.claimed."""
    reward = Reward.objects.select_for_update().filter(pk=reward_id).first()
    member = Member.objects.with_role().filter(pk=member_id).first()
    if reward is None or member is None:
        raise NotFound("There is no such reward." if reward is None else "There is no such member.")
    _refuse_claim(reward, member)
    claim = RewardClaim(reward=reward, member=member)
    if not insert_new([claim]):
        raise ClaimRefused(f"{member.display_name} has this reward already.", code="already_claimed")
    if reward.stock is not None:
        reward.stock -= 1
        reward.save(update_fields=["stock"])
    if reward.cost_xp:
        award_xp([XpAward(member.pk, -reward.cost_xp, f"Reward: {reward.title}", f"reward:{reward.pk}:{member.pk}")])
    emit(
        "reward.claimed",
        {
            "reward": _payload(reward),
            "claim": {"id": claim.pk, "status": claim.status},
            "member": person(member),
        },
        subject=f"reward/{reward.pk}",
        key=f"reward.claimed:{claim.pk}",
    )
    return claim


def _refuse_claim(reward: Reward, member: Member) -> None:
    if reward.status != RewardStatus.ACTIVE:
        raise ClaimRefused("This reward has ended.", code="reward_ended")
    if reward.stock == 0:
        raise ClaimRefused("This reward is gone.", code="out_of_stock")
    if member.xp < reward.cost_xp:
        raise ClaimRefused(f"This reward costs {reward.cost_xp} XP, and there are {member.xp}.", code="xp_too_low")


def _row(new: NewReward) -> Reward:
    return Reward(
        title=checked(Reward, "title", new.title),
        description=checked(Reward, "description", new.description),
        cost_xp=checked(Reward, "cost_xp", new.cost_xp),
        stock=None if new.stock is None else checked(Reward, "stock", new.stock),
        app_id=current_cause().app_id,
        idem_key=None if new.idem_key is None else stored_key(new.idem_key),
    )


def _payload(reward: Reward) -> dict[str, Any]:
    return {
        "id": reward.pk,
        "title": reward.title,
        "description": reward.description,
        "status": reward.status,
        "cost_xp": reward.cost_xp,
        "stock": reward.stock,
    }
