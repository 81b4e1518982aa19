"""Publishing, hiding and removing posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction, Undo
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import PostStatus
from decommerce.community.services.posts import set_post_status
from decommerce.community.services.statuses import StatusChange


class UpdatePostStatusParams(BaseModel):
    """`review` hides a post until a moderator has looked at it; a removed post keeps its text for the team."""

    model_config = ConfigDict(extra="forbid")

    post_id: RowId = Field(description="The post to change")
    status: PostStatus = Field(description="published, hidden, review or removed")
    only_from: PostStatus | None = Field(None, description="Change it only while it has this status")


class UpdatePostStatus(LocalAction[UpdatePostStatusParams]):
    """Sets a status, so that setting it again changes nothing and tells nobody."""

    name = "update_post_status"
    summary = "Publish, hide, send to review or remove a post"
    sentence = "publishes, hides or removes posts"
    Params = UpdatePostStatusParams
    result = (
        FieldSpec("post_id", FieldType.INTEGER, "The post"),
        FieldSpec("changed", FieldType.BOOLEAN, "Whether this call changed the status"),
        FieldSpec("previous_status", FieldType.TEXT, "The status before", nullable=True),
        FieldSpec(
            "skipped", FieldType.TEXT, "Why nothing changed: unchanged, other_status or not_found", nullable=True
        ),
    )
    writes = ("posts",)
    emits = ("post.status_changed",)
    targets = ("post_id",)
    undoable = True

    def apply(self, batch: Sequence[Call[UpdatePostStatusParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        changes = [StatusChange(call.params.post_id, call.params.status, call.params.only_from) for call in batch]
        return [
            {
                "post_id": result.row_id,
                "changed": result.outcome == "changed",
                "previous_status": result.previous_status,
                "skipped": None if result.outcome == "changed" else result.outcome,
            }
            for result in set_post_status(changes)
        ]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        """The earlier status, unless somebody has set another one since."""
        if not result.get("changed"):
            return None
        given = UpdatePostStatusParams.model_validate(params)
        back = {"post_id": given.post_id, "status": result["previous_status"], "only_from": given.status.value}
        return Undo("update_post_status", back)
