"""Changing members, as far as an automation may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from actions.identifiers import RowId, no_boolean
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import MemberStatus
from decommerce.community.services.members import MemberChange, update_members

MAX_SCORE = 999_999


def _to_hundredths(score: Decimal) -> Decimal:
    return score.quantize(Decimal("0.01"))


Score = Annotated[
    Decimal,
    BeforeValidator(no_boolean),
    Field(ge=-MAX_SCORE, le=MAX_SCORE),
    AfterValidator(_to_hundredths),
    WithJsonSchema({"type": "number", "minimum": -MAX_SCORE, "maximum": MAX_SCORE}),
]


class MemberFields(BaseModel):
    """What an automation may set. Role and address decide access, name and bio are the member's own, and what they
    want to be told is theirs to say: none of them is here."""

    model_config = ConfigDict(extra="forbid")

    engagement_score: Score | None = Field(None, description="How engaged they are; kept to two decimals")
    status: MemberStatus | None = Field(None, description="active or suspended; nobody of the team can be suspended")
    country: str | None = Field(None, pattern=r"^(?:[A-Za-z]{2})?$", description="Two letters, e.g. CH; '' is unknown")
    location: str | None = Field(None, max_length=120, description="Where they live, as text; '' is unknown")

    def given(self) -> dict[str, Any]:
        """The fields that were given, as the service takes them."""
        fields = {name: getattr(self, name) for name in MemberFields.model_fields}
        given = {name: value for name, value in fields.items() if value is not None}
        return {**given, "country": given["country"].upper()} if "country" in given else given


class UpdateUserParams(MemberFields):
    """Fields that are left out stay as they are."""

    member_id: RowId = Field(description="Whom to change")
    only_if: MemberFields | None = Field(None, description="Change nothing unless these fields have these values now")


class UpdateUser(LocalAction[UpdateUserParams]):
    """Sets values, so that setting them again changes nothing and tells nobody."""

    name = "update_user"
    summary = "Change a member's engagement score, status, country or location"
    sentence = "changes members"
    Params = UpdateUserParams
    result = (
        FieldSpec("member_id", FieldType.INTEGER, "The member"),
        FieldSpec("updated", FieldType.BOOLEAN, "Whether this call changed something"),
        FieldSpec("before", FieldType.OBJECT, "The earlier values of the fields that changed"),
        FieldSpec("after", FieldType.OBJECT, "Their values now"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why nothing changed: unchanged, other_values (not those of only_if), team_member or not_found",
            nullable=True,
        ),
    )
    writes = ("members",)
    emits = ("member.updated",)
    targets = ("member_id",)
    undoable = True

    def apply(self, batch: Sequence[Call[UpdateUserParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        return [
            {
                "member_id": result.member_id,
                "updated": result.outcome == "updated",
                "before": dict(result.before),
                "after": dict(result.after),
                "skipped": None if result.outcome == "updated" else result.outcome,
            }
            for result in update_members([_change(call.params) for call in batch])
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        """The earlier values, unless somebody has changed the fields since."""
        if not result.get("updated"):
            return None
        return Undo(
            "update_user", {"member_id": result["member_id"], **result["before"], "only_if": dict(result["after"])}
        )


def _change(params: UpdateUserParams) -> MemberChange:
    expected = params.only_if.given() if params.only_if is not None else {}
    return MemberChange(params.member_id, params.given(), expected)
