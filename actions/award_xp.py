"""Awarding XP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from actions.identifiers import RowId, no_boolean
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.xp import MAX_AMOUNT, XpAward, award_xp

MAX_REASON = 200


class AwardXpParams(BaseModel):
    """A negative amount takes XP away."""

    model_config = ConfigDict(extra="forbid")

    member_id: RowId = Field(description="Who gets it")
    amount: Annotated[int, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT), BeforeValidator(no_boolean)] = Field(
        description="How much; below zero takes away"
    )
    reason: str = Field(min_length=1, max_length=MAX_REASON, description="What for, as the member sees it")


class AwardXp(LocalAction[AwardXpParams]):
    """One booking a call, however often the call is tried; the level follows."""

    name = "award_xp"
    summary = "Give a member XP, or take some away"
    sentence = "awards XP to members"
    Params = AwardXpParams
    result = (
        FieldSpec("member_id", FieldType.INTEGER, "The member"),
        FieldSpec("awarded", FieldType.BOOLEAN, "Whether this call booked it"),
        FieldSpec("total", FieldType.INTEGER, "The member's XP afterwards", nullable=True),
        FieldSpec("level", FieldType.INTEGER, "The member's level afterwards", nullable=True),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "not_found, duplicate, zero or too_much, if nothing was booked",
            nullable=True,
        ),
    )
    writes = ("members",)
    emits = ("xp.awarded",)
    targets = ("member_id",)
    undoable = True

    def shared(self, params: AwardXpParams) -> bool:
        return True

    def apply(self, batch: Sequence[Call[AwardXpParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        awards = [XpAward(call.params.member_id, call.params.amount, call.params.reason, call.key) for call in batch]
        return [
            {
                "member_id": result.member_id,
                "awarded": result.outcome == "awarded",
                "total": result.total,
                "level": result.level,
                "skipped": None if result.outcome == "awarded" else result.outcome,
            }
            for result in award_xp(awards)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        """The opposite booking."""
        if not result.get("awarded"):
            return None
        given = AwardXpParams.model_validate(params)
        reason = f"Taken back: {given.reason}"[:MAX_REASON]
        return Undo("award_xp", {"member_id": given.member_id, "amount": -given.amount, "reason": reason})
