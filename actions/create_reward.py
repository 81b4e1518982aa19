"""Setting up rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from actions.identifiers import no_boolean
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.rewards import NewReward, create_rewards
from decommerce.community.services.xp import MAX_AMOUNT

MAX_STOCK = 1_000_000
Number = Annotated[int, BeforeValidator(no_boolean)]


class CreateRewardParams(BaseModel):
    """Each member can have it once."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200, pattern=r"[^\s\x00]", description="What it is, in a few words")
    description: str = Field("", max_length=5_000, description="What it is, in full")
    cost_xp: Number = Field(0, ge=0, le=MAX_AMOUNT, description="The XP that it costs")
    stock: Annotated[Number, Field(ge=0, le=MAX_STOCK)] | None = Field(
        None, description="How many there are; as many as are asked for if left out"
    )


class CreateReward(LocalAction[CreateRewardParams]):
    """One reward a call, however often the call is tried."""

    name = "create_reward"
    summary = "Set up a reward that members can claim for XP"
    sentence = "sets up rewards"
    Params = CreateRewardParams
    result = (
        FieldSpec("reward_id", FieldType.INTEGER, "The reward", nullable=True),
        FieldSpec("created", FieldType.BOOLEAN, "Whether this call set it up"),
        FieldSpec("skipped", FieldType.TEXT, "duplicate, if nothing was set up", nullable=True),
    )
    writes = ("rewards",)
    emits = ("reward.created",)
    undoable = True

    def apply(self, batch: Sequence[Call[CreateRewardParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        news = [NewReward(**dict(call.params), idem_key=call.key) for call in batch]
        return [
            {
                "reward_id": result.reward_id,
                "created": result.outcome == "created",
                "skipped": None if result.outcome == "created" else result.outcome,
            }
            for result in create_rewards(news)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("created"):
            return None
        return Undo("update_reward_status", {"reward_id": result["reward_id"], "status": "ended"})
