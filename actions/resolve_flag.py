"""Saying that a flag was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.flags import FlagResolution, resolve_flags


class ResolveFlagParams(BaseModel):
    """`publish` leaves a post alone that somebody hid or removed, or that another flag is open on."""

    model_config = ConfigDict(extra="forbid")

    flag_id: RowId = Field(description="The flag")
    publish: bool = Field(False, description="Also publish its post again, if it waits for review")


class ResolveFlag(LocalAction[ResolveFlagParams]):
    """A resolved flag stays resolved; the post can be flagged again."""

    name = "resolve_flag"
    summary = "Resolve a flag, and publish the post again if wanted"
    sentence = "resolves flags"
    Params = ResolveFlagParams
    result = (
        FieldSpec("flag_id", FieldType.INTEGER, "The flag"),
        FieldSpec("resolved", FieldType.BOOLEAN, "Whether this call resolved it"),
        FieldSpec("published", FieldType.BOOLEAN, "Whether its post was published again"),
        FieldSpec("skipped", FieldType.TEXT, "Why nothing was done: already_resolved or not_found", nullable=True),
    )
    writes = ("flags", "posts")
    emits = ("post.status_changed",)
    targets = ("flag_id",)

    def apply(self, batch: Sequence[Call[ResolveFlagParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        wanted = [FlagResolution(call.params.flag_id, call.params.publish) for call in batch]
        return [
            {
                "flag_id": result.flag_id,
                "resolved": result.outcome == "resolved",
                "published": result.published,
                "skipped": None if result.outcome == "resolved" else result.outcome,
            }
            for result in resolve_flags(wanted)
        ]
