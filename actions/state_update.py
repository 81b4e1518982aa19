"""Remembering something from one run to the next (RUN-09, ACT-06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.store.state import merge_state


class StateUpdateParams(BaseModel):
    """A key that is left out stays as it is; null empties one."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(description="The keys to set, such as {last_winner: '{{ top.id }}'}")


class StateUpdate(LocalAction[StateUpdateParams]):
    """Sets keys of the app's state, of at most 64 KiB; later steps see them at once as `state`."""

    name = "state_update"
    summary = "Remember something for later steps and later runs"
    sentence = "remembers things from one run to the next"
    Params = StateUpdateParams
    result = (FieldSpec("state", FieldType.OBJECT, "Everything the app remembers now", untrusted=True),)
    writes = ("state",)

    def apply(self, batch: Sequence[Call[StateUpdateParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        changes = {key: value for call in batch for key, value in call.params.data.items()}
        merge_state(context.app_id, context.session_key, changes)
        return [{"state": call.params.data} for call in batch]
