"""Ending rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import RewardStatus
from decommerce.community.services.rewards import set_reward_status
from decommerce.community.services.statuses import StatusChange


class UpdateRewardStatusParams(BaseModel):
    """Only an active reward can be claimed; who has claimed it keeps it."""

    model_config = ConfigDict(extra="forbid")

    reward_id: RowId = Field(description="The reward")
    status: RewardStatus = Field(description="active or ended")
    only_from: RewardStatus | None = Field(None, description="Change it only while it has this status")


class UpdateRewardStatus(LocalAction[UpdateRewardStatusParams]):
    """Sets a status, so that setting it again changes nothing."""

    name = "update_reward_status"
    summary = "End a reward, or offer it again"
    sentence = "ends rewards or offers them again"
    Params = UpdateRewardStatusParams
    result = (
        FieldSpec("reward_id", FieldType.INTEGER, "The reward"),
        FieldSpec("changed", FieldType.BOOLEAN, "Whether this call changed the status"),
        FieldSpec("previous_status", FieldType.TEXT, "The status before", nullable=True),
        FieldSpec(
            "skipped", FieldType.TEXT, "Why nothing changed: unchanged, other_status or not_found", nullable=True
        ),
    )
    writes = ("rewards",)
    targets = ("reward_id",)
    undoable = True

    def apply(
        self, batch: Sequence[Call[UpdateRewardStatusParams]], context: ActionContext
    ) -> Sequence[dict[str, Any]]:
        changes = [StatusChange(call.params.reward_id, call.params.status, call.params.only_from) for call in batch]
        return [
            {
                "reward_id": result.row_id,
                "changed": result.outcome == "changed",
                "previous_status": result.previous_status,
                "skipped": None if result.outcome == "changed" else result.outcome,
            }
            for result in set_reward_status(changes)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        """The earlier status, unless somebody has set another one since."""
        if not result.get("changed"):
            return None
        given = UpdateRewardStatusParams.model_validate(params)
        back = {"reward_id": given.reward_id, "status": result["previous_status"], "only_from": given.status.value}
        return Undo("update_reward_status", back)
