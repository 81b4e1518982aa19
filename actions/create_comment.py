"""Commenting on posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.comments import MAX_BODY, NewComment, create_comments
from decommerce.community.services.members import house_member


class CreateCommentParams(BaseModel):
    """Without `author_id` the community's own team is the author."""

    model_config = ConfigDict(extra="forbid")

    post_id: RowId = Field(description="The post to comment on")
    body: str = Field(min_length=1, max_length=MAX_BODY, pattern=r"\S", description="The text, plain")
    author_id: RowId | None = Field(None, description="The member it is written as; the community's team if left out")


class CreateComment(LocalAction[CreateCommentParams]):
    """One comment a call, however often the call is tried."""

    name = "create_comment"
    summary = "Comment on a post, as the community's team or as a member"
    sentence = "comments on posts"
    Params = CreateCommentParams
    result = (
        FieldSpec("comment_id", FieldType.INTEGER, "The comment", nullable=True),
        FieldSpec("created", FieldType.BOOLEAN, "Whether this call wrote it"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why nothing was written: duplicate, post_not_found, post_removed, author_not_found, author_suspended or "
            "body_empty",
            nullable=True,
        ),
    )
    writes = ("comments",)
    emits = ("comment.created",)
    targets = ("post_id", "author_id")
    undoable = True

    def apply(self, batch: Sequence[Call[CreateCommentParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        unsigned = any(call.params.author_id is None for call in batch)
        team = house_member().pk if unsigned else 0
        news = [
            NewComment(call.params.post_id, call.params.author_id or team, call.params.body, call.key) for call in batch
        ]
        return [
            {
                "comment_id": result.comment_id,
                "created": result.outcome == "created",
                "skipped": None if result.outcome == "created" else result.outcome,
            }
            for result in create_comments(news)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        return Undo("remove_comment", {"comment_id": result["comment_id"]}) if result.get("created") else None
