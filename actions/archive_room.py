"""Archiving rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import RoomStatus
from decommerce.community.services.rooms import set_room_status
from decommerce.community.services.statuses import StatusChange


class ArchiveRoomParams(BaseModel):
    """An archived room stays readable and takes no new posts."""

    model_config = ConfigDict(extra="forbid")

    room_id: RowId = Field(description="The room")
    archived: bool = Field(True, description="False opens an archived room again")


class ArchiveRoom(LocalAction[ArchiveRoomParams]):
    """Sets a status, so that setting it again changes nothing and tells nobody."""

    name = "archive_room"
    summary = "Archive a room, or open it again"
    sentence = "archives rooms"
    Params = ArchiveRoomParams
    result = (
        FieldSpec("room_id", FieldType.INTEGER, "The room"),
        FieldSpec("changed", FieldType.BOOLEAN, "Whether this call archived or opened it"),
        FieldSpec("skipped", FieldType.TEXT, "Why nothing changed: unchanged or not_found", nullable=True),
    )
    writes = ("rooms",)
    emits = ("room.archived", "room.reopened")
    targets = ("room_id",)
    undoable = True

    def apply(self, batch: Sequence[Call[ArchiveRoomParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        changes = [StatusChange(call.params.room_id, _status(call.params.archived)) for call in batch]
        return [
            {
                "room_id": result.row_id,
                "changed": result.outcome == "changed",
                "skipped": None if result.outcome == "changed" else result.outcome,
            }
            for result in set_room_status(changes)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("changed"):
            return None
        given = ArchiveRoomParams.model_validate(params)
        return Undo("archive_room", {"room_id": given.room_id, "archived": not given.archived})


def _status(archived: bool) -> RoomStatus:
    return RoomStatus.ARCHIVED if archived else RoomStatus.ACTIVE
