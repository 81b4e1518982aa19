"""Writing posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import PostKind
from decommerce.community.services.members import house_member
from decommerce.community.services.posts import MAX_BODY, NewPost, create_posts


class CreatePostParams(BaseModel):
    """Without `author_id` the community's own team is the author; `parent_id` makes the post an answer."""

    model_config = ConfigDict(extra="forbid")

    body: str = Field(min_length=1, max_length=MAX_BODY, pattern=r"\S", description="The text")
    title: str = Field("", max_length=300, description="The title, if it has one")
    room_id: RowId | None = Field(None, description="The room it appears in")
    author_id: RowId | None = Field(None, description="The member it is written as; the community's team if left out")
    parent_id: RowId | None = Field(None, description="The post that it answers")


class CreatePost(LocalAction[CreatePostParams]):
    """One post a call, however often the call is tried."""

    name = "create_post"
    summary = "Write a post, as the community's team or as a member"
    sentence = "writes posts"
    Params = CreatePostParams
    result = (
        FieldSpec("post_id", FieldType.INTEGER, "The post", nullable=True),
        FieldSpec("created", FieldType.BOOLEAN, "Whether this call wrote it"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why nothing was written: duplicate, room_not_found, room_archived, author_not_found, author_suspended or "
            "parent_not_found",
            nullable=True,
        ),
    )
    writes = ("posts",)
    emits = ("post.created",)
    targets = ("room_id", "author_id", "parent_id")
    undoable = True

    def shared(self, params: CreatePostParams) -> bool:
        return True

    def apply(self, batch: Sequence[Call[CreatePostParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        unsigned = any(call.params.author_id is None for call in batch)
        team = house_member().pk if unsigned else 0
        return [
            {
                "post_id": result.post_id,
                "created": result.outcome == "created",
                "skipped": None if result.outcome == "created" else result.outcome,
            }
            for result in create_posts([_new_post(call, team) for call in batch])
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        if not result.get("created"):
            return None
        return Undo("update_post_status", {"post_id": result["post_id"], "status": "removed"})


def _new_post(call: Call[CreatePostParams], team: int) -> NewPost:
    params = call.params
    return NewPost(
        author_id=params.author_id or team,
        body=params.body,
        title=params.title,
        room_id=params.room_id,
        parent_id=params.parent_id,
        kind=PostKind.POST if params.parent_id is None else PostKind.ANSWER,
        idem_key=call.key,
    )
