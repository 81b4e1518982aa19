"""Setting a flow of the same app for later (ACT-09)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from actions.identifiers import no_boolean
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.durations import parse_duration
from apps_engine.language.errors import InvalidValue
from apps_engine.language.instants import format_instant
from apps_engine.services.tasks import LONGEST_DELAY, NewTask, schedule_tasks
from decommerce.tenancy.errors import PlatformError


class UnknownFlow(PlatformError):
    """The app has no flow of that name."""

    code = "unknown_flow"


def _length(delay: int | Decimal | str) -> int | Decimal | str:
    """A delay that is a length of time within the bound; raises ValueError."""
    try:
        length = delay_of(delay)
    except InvalidValue as error:
        raise ValueError(f"{error.message} {error.hint}") from error
    if not timedelta(0) <= length <= LONGEST_DELAY:
        raise ValueError(f"a task waits for at most {LONGEST_DELAY // timedelta(hours=1)} hours")
    return delay


def delay_of(delay: int | Decimal | str) -> timedelta:
    """How long it is, from seconds or from `2h`; raises InvalidValue."""
    return parse_duration(delay) if isinstance(delay, str) else timedelta(seconds=float(delay))


class ScheduleTaskParams(BaseModel):
    """Either `flow` or, as superpowers call it, `action_id`."""

    model_config = ConfigDict(extra="forbid")

    flow: str | None = Field(None, min_length=1, max_length=100, description="The flow of this app to run")
    action_id: str | None = Field(None, min_length=1, max_length=100, description="The same as `flow`")
    delay: Annotated[int | Decimal | str, BeforeValidator(no_boolean), AfterValidator(_length)] = Field(
        description="How long to wait, at most 168 hours: `2h`, or a number of seconds"
    )
    data: dict[str, Any] = Field(default_factory=dict, description="What the flow sees as `trigger`")
    key: str = Field("", max_length=200, description="While a task of this key waits, no other of it is set")

    @model_validator(mode="after")
    def _one_flow(self) -> Self:
        if (self.flow is None) == (self.action_id is None):
            raise ValueError("give the flow to run, once")
        return self


class ScheduleTask(LocalAction[ScheduleTaskParams]):
    """One run that waits for each call, however often the call is tried; at most ten wait in a session."""

    name = "schedule_task"
    summary = "Run a flow of this app later"
    sentence = "sets itself tasks for later"
    Params = ScheduleTaskParams
    result = (
        FieldSpec("task_id", FieldType.INTEGER, "The run that waits", nullable=True),
        FieldSpec("run_at", FieldType.INSTANT, "When it is due", nullable=True),
        FieldSpec("scheduled", FieldType.BOOLEAN, "Whether this call set it"),
        FieldSpec("skipped", FieldType.TEXT, "duplicate (another task of that key waits) or quota", nullable=True),
    )
    writes = ("tasks",)
    targets = ("flow", "action_id")

    def apply(self, batch: Sequence[Call[ScheduleTaskParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        tasks = [_task(call, context) for call in batch]
        return [
            {
                "task_id": result.task_id,
                "run_at": None if result.run_at is None else format_instant(result.run_at),
                "scheduled": result.task_id is not None,
                "skipped": result.skipped,
            }
            for result in schedule_tasks(context.execution_id, tasks)
        ]


def _task(call: Call[ScheduleTaskParams], context: ActionContext) -> NewTask:
    params = call.params
    flow = params.flow or params.action_id or ""
    if flow not in context.flows:
        hint = f"There is: {', '.join(sorted(context.flows))}."
        raise UnknownFlow(f"This app has no flow “{flow}”.", hint=hint)
    return NewTask(flow, delay_of(params.delay), params.data, call.key, params.key)
