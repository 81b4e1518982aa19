"""Giving members rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.reward_claims import Claimed, grant_rewards, revoke_rewards

_NEW = ("granted", "revoked")


class GrantRewardParams(BaseModel):
    """The member pays nothing; one fewer is in stock."""

    model_config = ConfigDict(extra="forbid")

    reward_id: RowId = Field(description="An active reward")
    member_id: RowId = Field(description="Who gets it")
    granted: bool = Field(True, description="False takes it back, if it was not handed out yet; XP paid returns")


class GrantReward(LocalAction[GrantRewardParams]):
    """Sets whether a member has a reward, so that doing it again changes nothing."""

    name = "grant_reward"
    summary = "Give a member a reward for free, or take it back"
    sentence = "gives rewards to members"
    Params = GrantRewardParams
    result = (
        FieldSpec("reward_id", FieldType.INTEGER, "The reward"),
        FieldSpec("member_id", FieldType.INTEGER, "The member"),
        FieldSpec("claim_id", FieldType.INTEGER, "The claim that the team fulfils", nullable=True),
        FieldSpec("changed", FieldType.BOOLEAN, "Whether this call gave it or took it back"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why nothing changed: already_claimed, reward_not_found, reward_ended, out_of_stock, member_not_found, "
            "member_suspended; or not_claimed, already_fulfilled where it was to be taken back",
            nullable=True,
        ),
    )
    writes = ("reward_claims", "rewards", "members")
    emits = ("reward.claimed", "xp.awarded")
    targets = ("reward_id", "member_id")
    undoable = True

    def apply(self, batch: Sequence[Call[GrantRewardParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        wanted = [(call.params.reward_id, call.params.member_id) for call in batch]
        revoked = iter(
            revoke_rewards([pair for pair, call in zip(wanted, batch, strict=True) if not call.params.granted])
        )
        granted = iter(grant_rewards([pair for pair, call in zip(wanted, batch, strict=True) if call.params.granted]))
        return [_result(next(granted if call.params.granted else revoked)) for call in batch]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("changed"):
            return None
        given = GrantRewardParams.model_validate(params)
        back = {"reward_id": given.reward_id, "member_id": given.member_id, "granted": not given.granted}
        return Undo("grant_reward", back)


def _result(claimed: Claimed) -> dict[str, Any]:
    changed = claimed.outcome in _NEW
    return {
        "reward_id": claimed.reward_id,
        "member_id": claimed.member_id,
        "claim_id": claimed.claim_id,
        "changed": changed,
        "skipped": None if changed else claimed.outcome,
    }
