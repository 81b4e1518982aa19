"""Noting that members completed missions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.user_missions import complete_missions


class CompleteMissionParams(BaseModel):
    """A member need not have started the mission."""

    model_config = ConfigDict(extra="forbid")

    mission_id: RowId = Field(description="An active mission")
    member_id: RowId = Field(description="Who has completed it")


class CompleteMission(LocalAction[CompleteMissionParams]):
    """Pays the mission's XP once a member, and is not taken back: whatever listens has been told."""

    name = "complete_mission"
    summary = "Note that a member has completed a mission, and award its XP"
    sentence = "completes missions for members"
    Params = CompleteMissionParams
    result = (
        FieldSpec("mission_id", FieldType.INTEGER, "The mission"),
        FieldSpec("member_id", FieldType.INTEGER, "The member"),
        FieldSpec("completed", FieldType.BOOLEAN, "Whether this call completed it"),
        FieldSpec("xp", FieldType.INTEGER, "The XP that this call awarded"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why nothing was done: already_there, mission_not_found, mission_not_active, member_not_found or "
            "member_suspended",
            nullable=True,
        ),
    )
    writes = ("user_missions", "members")
    emits = ("mission.completed", "xp.awarded")
    targets = ("mission_id", "member_id")

    def apply(self, batch: Sequence[Call[CompleteMissionParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        return [
            {
                "mission_id": progress.mission_id,
                "member_id": progress.member_id,
                "completed": progress.outcome == "completed",
                "xp": progress.xp,
                "skipped": None if progress.outcome == "completed" else progress.outcome,
            }
            for progress in complete_missions([(call.params.mission_id, call.params.member_id) for call in batch])
        ]
