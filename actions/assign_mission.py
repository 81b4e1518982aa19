"""Giving members missions to work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.user_missions import Progress, drop_missions, start_missions

_NEW = ("started", "dropped")


class AssignMissionParams(BaseModel):
    """A member works on a mission once."""

    model_config = ConfigDict(extra="forbid")

    mission_id: RowId = Field(description="An active mission")
    member_id: RowId = Field(description="Who is to work on it")
    assigned: bool = Field(True, description="False takes it off them again, if they have done nothing for it yet")


class AssignMission(LocalAction[AssignMissionParams]):
    """Sets where a member stands, so that doing it again changes nothing."""

    name = "assign_mission"
    summary = "Start a mission for a member, or take it off them again"
    sentence = "gives members missions to work on"
    Params = AssignMissionParams
    result = (
        FieldSpec("mission_id", FieldType.INTEGER, "The mission"),
        FieldSpec("member_id", FieldType.INTEGER, "The member"),
        FieldSpec("changed", FieldType.BOOLEAN, "Whether this call started the mission or took it off"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why nothing changed: already_there, mission_not_found, mission_not_active, member_not_found, "
            "member_suspended; or not_started, in_progress, already_completed where it was to be taken off",
            nullable=True,
        ),
    )
    writes = ("user_missions",)
    targets = ("mission_id", "member_id")
    undoable = True

    def apply(self, batch: Sequence[Call[AssignMissionParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        wanted = [(call.params.mission_id, call.params.member_id) for call in batch]
        started = iter(start_missions([pair for pair, call in zip(wanted, batch, strict=True) if call.params.assigned]))
        dropped = iter(
            drop_missions([pair for pair, call in zip(wanted, batch, strict=True) if not call.params.assigned])
        )
        return [_result(next(started if call.params.assigned else dropped)) for call in batch]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("changed"):
            return None
        given = AssignMissionParams.model_validate(params)
        back = {"mission_id": given.mission_id, "member_id": given.member_id, "assigned": not given.assigned}
        return Undo("assign_mission", back)


def _result(progress: Progress) -> dict[str, Any]:
    changed = progress.outcome in _NEW
    return {
        "mission_id": progress.mission_id,
        "member_id": progress.member_id,
        "changed": changed,
        "skipped": None if changed else progress.outcome,
    }
