"""Setting up missions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from actions.identifiers import no_boolean
from actions.moments import Moment
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.missions import NewMission, create_missions
from decommerce.community.services.xp import MAX_AMOUNT


class CreateMissionParams(BaseModel):
    """Members can work on it from the start to the end; without them, from now on and until somebody ends it."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200, pattern=r"[^\s\x00]", description="What to do, in a few words")
    description: str = Field("", max_length=5_000, description="What to do, in full")
    xp_reward: Annotated[int, BeforeValidator(no_boolean)] = Field(
        0, ge=0, le=MAX_AMOUNT, description="XP for whoever completes it"
    )
    starts_at: Moment | None = Field(None, description="When it begins, e.g. 2026-11-21T09:00:00Z; now if left out")
    ends_at: Moment | None = Field(None, description="When it ends; never if left out")


class CreateMission(LocalAction[CreateMissionParams]):
    """One mission a call, however often the call is tried."""

    name = "create_mission"
    summary = "Set up a mission that members can work on for XP"
    sentence = "sets up missions"
    Params = CreateMissionParams
    result = (
        FieldSpec("mission_id", FieldType.INTEGER, "The mission", nullable=True),
        FieldSpec("created", FieldType.BOOLEAN, "Whether this call set it up"),
        FieldSpec("skipped", FieldType.TEXT, "Why nothing was set up: duplicate or ends_before_start", nullable=True),
    )
    writes = ("missions",)
    emits = ("mission.created",)
    undoable = True

    def apply(self, batch: Sequence[Call[CreateMissionParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        news = [NewMission(**dict(call.params), idem_key=call.key) for call in batch]
        return [
            {
                "mission_id": result.mission_id,
                "created": result.outcome == "created",
                "skipped": None if result.outcome == "created" else result.outcome,
            }
            for result in create_missions(news)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("created"):
            return None
        return Undo("update_mission_status", {"mission_id": result["mission_id"], "status": "ended"})
