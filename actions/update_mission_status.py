"""Beginning and ending missions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import MissionStatus
from decommerce.community.services.missions import set_mission_status
from decommerce.community.services.statuses import StatusChange


class UpdateMissionStatusParams(BaseModel):
    """Members can work on an active mission only; who has completed it keeps the XP."""

    model_config = ConfigDict(extra="forbid")

    mission_id: RowId = Field(description="The mission")
    status: MissionStatus = Field(description="draft, active or ended")
    only_from: MissionStatus | None = Field(None, description="Change it only while it has this status")


class UpdateMissionStatus(LocalAction[UpdateMissionStatusParams]):
    """Sets a status, so that setting it again changes nothing."""

    name = "update_mission_status"
    summary = "Begin a mission, end it, or make it a draft again"
    sentence = "begins or ends missions"
    Params = UpdateMissionStatusParams
    result = (
        FieldSpec("mission_id", FieldType.INTEGER, "The mission"),
        FieldSpec("changed", FieldType.BOOLEAN, "Whether this call changed the status"),
        FieldSpec("previous_status", FieldType.TEXT, "The status before", nullable=True),
        FieldSpec(
            "skipped", FieldType.TEXT, "Why nothing changed: unchanged, other_status or not_found", nullable=True
        ),
    )
    writes = ("missions",)
    targets = ("mission_id",)
    undoable = True

    def apply(
        self, batch: Sequence[Call[UpdateMissionStatusParams]], context: ActionContext
    ) -> Sequence[dict[str, Any]]:
        changes = [StatusChange(call.params.mission_id, call.params.status, call.params.only_from) for call in batch]
        return [
            {
                "mission_id": result.row_id,
                "changed": result.outcome == "changed",
                "previous_status": result.previous_status,
                "skipped": None if result.outcome == "changed" else result.outcome,
            }
            for result in set_mission_status(changes)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        """The earlier status, unless somebody has set another one since."""
        if not result.get("changed"):
            return None
        given = UpdateMissionStatusParams.model_validate(params)
        back = {"mission_id": given.mission_id, "status": result["previous_status"], "only_from": given.status.value}
        return Undo("update_mission_status", back)
