"""Rewards: setting them up, and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_once
from decommerce.community.models import Reward
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.statuses import StatusChange, StatusChanged, change_statuses
from decommerce.community.values import checked
from decommerce.tenancy.cause import current_cause


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
            NewEvent("reward.created", {"reward": reward_payload(row)}, f"reward/{row.pk}", f"reward.created:{row.pk}")
            for row in inserted.new
        ]
    )
    return [RewardResult(*inserted.place(row)) for row in rows]


def set_reward_status(changes: Sequence[StatusChange]) -> list[StatusChanged]:
    """End rewards, or offer them again."""
    return change_statuses(Reward, changes).results


def reward_payload(reward: Reward) -> dict[str, Any]:
    """A reward as events name it."""
    return {
        "id": reward.pk,
        "title": reward.title,
        "description": reward.description,
        "status": reward.status,
        "cost_xp": reward.cost_xp,
        "stock": reward.stock,
    }


def _row(new: NewReward) -> Reward:
    return Reward(
        title=checked(Reward, "title", new.title),
        description=checked(Reward, "description", new.description),
        cost_xp=checked(Reward, "cost_xp", new.cost_xp),
        stock=None if new.stock is None else checked(Reward, "stock", new.stock),
        app_id=current_cause().app_id,
        idem_key=None if new.idem_key is None else stored_key(new.idem_key),
    )
