"""Taking back comments that an app wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.comments import remove_comments


class RemoveCommentParams(BaseModel):
    """A comment by its number."""

    model_config = ConfigDict(extra="forbid")

    comment_id: RowId = Field(description="The comment to remove; one that an app wrote")


class RemoveComment(LocalAction[RemoveCommentParams]):
    """For good. What members wrote is never removed: an app can flag the post instead."""

    name = "remove_comment"
    summary = "Remove a comment that an app wrote"
    sentence = "removes comments that apps wrote"
    Params = RemoveCommentParams
    result = (
        FieldSpec("comment_id", FieldType.INTEGER, "The comment"),
        FieldSpec("removed", FieldType.BOOLEAN, "Whether this call removed it"),
        FieldSpec("skipped", FieldType.TEXT, "Why nothing was removed: not_found or not_by_an_app", nullable=True),
    )
    writes = ("comments",)
    targets = ("comment_id",)

    def apply(self, batch: Sequence[Call[RemoveCommentParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        return [
            {
                "comment_id": result.comment_id,
                "removed": result.outcome == "removed",
                "skipped": None if result.outcome == "removed" else result.outcome,
            }
            for result in remove_comments([call.params.comment_id for call in batch])
        ]
