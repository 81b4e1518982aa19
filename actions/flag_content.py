"""Flagging posts for the moderators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import FlagSeverity
from decommerce.community.services.flags import NewFlag, flag_posts


class FlagContentParams(BaseModel):
    """`review` also takes a published post down until a moderator has looked at it."""

    model_config = ConfigDict(extra="forbid")

    post_id: RowId = Field(description="The post to flag")
    reason: str = Field(min_length=1, max_length=500, description="Why, in words for moderators")
    severity: FlagSeverity = Field(FlagSeverity.MEDIUM, description="How urgent it is: low, medium or high")
    review: bool = Field(False, description="Also hide the post until a moderator has looked at it")


class FlagContent(LocalAction[FlagContentParams]):
    """One open flag a post and app: flagging again changes nothing."""

    name = "flag_content"
    summary = "Flag a post for review by the moderators"
    sentence = "flags posts for review"
    Params = FlagContentParams
    result = (
        FieldSpec("post_id", FieldType.INTEGER, "The post"),
        FieldSpec("flag_id", FieldType.INTEGER, "The open flag", nullable=True),
        FieldSpec("flagged", FieldType.BOOLEAN, "Whether this call raised the flag"),
        FieldSpec("taken_down", FieldType.BOOLEAN, "Whether the post was published until this call"),
        FieldSpec("skipped", FieldType.TEXT, "not_found or already_flagged, if nothing was done", nullable=True),
    )
    writes = ("flags", "posts")
    emits = ("post.flagged", "post.status_changed")
    targets = ("post_id",)
    undoable = True

    def shared(self, params: FlagContentParams) -> bool:
        return True

    def apply(self, batch: Sequence[Call[FlagContentParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        news = [
            NewFlag(call.params.post_id, call.params.reason, call.params.severity, call.params.review) for call in batch
        ]
        return [
            {
                "post_id": result.post_id,
                "flag_id": result.flag_id,
                "flagged": result.outcome == "flagged",
                "taken_down": result.taken_down,
                "skipped": None if result.outcome == "flagged" else result.outcome,
            }
            for result in flag_posts(news)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("flagged"):
            return None
        return Undo("resolve_flag", {"flag_id": result["flag_id"], "publish": result["taken_down"]})
