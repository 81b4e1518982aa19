"""The frozen Plan: what compile makes of a valid definition and the runtime executes.

Templates are compiled closures over a scope, so nothing is parsed at run time. A Plan is immutable and shared between
runs; it is cached by version id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps_engine.language.predicates import Predicate
from apps_engine.language.templates import Template


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a failed attempt is repeated; times in seconds."""

    max_attempts: int = 3
    backoff: str = "exponential"
    base_seconds: Decimal = Decimal(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every step may carry. `key` is its segment of the path: its id, or its position among its siblings."""

    key: str
    id: str | None = None
    when: Template | None = None
    on_error: str = "fail"
    retry: RetryPolicy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Step):
    """Read rows through a connector; the result is a list of objects with the asked fields."""

    connector: str
    where: Predicate | None = None
    fields: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    limit: Template | None = None
    offset: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform(Step):
    """Reshape or work out a value. `where` is the compiled predicate of the filter transform.

    `expressions` are the parameters that are formulas; `columns` are the formulas of the map transform over each row.
    """

    op: str
    source: Template
    params: Template
    where: Predicate | None = None
    expressions: Mapping[str, Template] = field(default_factory=dict)
    columns: Mapping[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Step):
    """One side effect or outside call; `once_per` renders the key under which it happens at most once for ever.

    `remembers` says that its result holds, as `state`, the keys of the app's state that it changed.
    """

    action: str
    params: Template
    local: bool
    once_per: Template | None = None
    remembers: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a branch; no `when` means otherwise."""

    steps: tuple[Step, ...]
    when: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Step):
    """The first arm whose condition holds."""

    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Each(Step):
    """A bounded loop.

    `chunked` says that its body holds local actions only, so that it runs by chunks in bulk; `ahead` with how many
    outside calls the body begins that read nothing of what an earlier item does; `remembers` that an action inside
    changes the app's state.
    """

    items: Template
    name: str
    steps: tuple[Step, ...]
    until: Template | None = None
    chunked: bool = False
    ahead: int = 0
    remembers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Step):
    """Wait for a time (`seconds` renders a number) or for a member's reply (`reply` renders its description)."""

    seconds: Template | None = None
    reply: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone(Step):
    """A step whose feature is no longer there; it fails and says so."""

    feature: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A named list of steps and the response it ends with, which renders `{"template": text, "ui": [...]}`."""

    name: str
    steps: tuple[Step, ...]
    response: Template | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """One start of a delayed trigger: so many seconds after the event, if `when` holds at that time."""

    seconds: int
    flow: str
    when: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a flow. `params` keeps what only that type needs.

    delayed: `sequence` (a tuple of Delay) and `exit_when` (a Template or None); keyword, phrase, intent: `phrases` and
    `match`; webhook: `endpoint` and `verify`.
    """

    id: str
    type: str
    flow: str
    event: str | None = None
    filter: Predicate | None = None
    cron: str | None = None
    timezone: str = "UTC"
    catch_up_seconds: int = 3600
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use at most, bound at compile time from the profile's row of the limits table."""

    seconds: int
    items_per_loop: int
    ai_calls: int
    emails: int
    messages: int | None
    rows_per_fetch: int = 10_000


SKIP, QUEUE, RESTART, PARALLEL = "skip", "queue", "restart", "parallel"


@dataclass(frozen=True, slots=True)
class Concurrency:
    """What happens when a run is due while another of the same key is running; `max_parallel` None is any number."""

    mode: str
    key: Template | None = None
    max_parallel: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole app, ready to run.

    `max_attempts` is how often a run may be begun before a lost worker ends it: the app's number, or that of a step
    where it is larger.
    `uses_state` says that something in it reads or changes the app's state, `calls_out` that it calls the outside.
    """

    name: str
    profile: str
    flows: Mapping[str, Flow]
    triggers: tuple[Trigger, ...]
    inputs: Mapping[str, Any]
    limits: Limits
    retry: RetryPolicy
    max_attempts: int
    concurrency: Mapping[str, Concurrency]  # trigger id -> mode, the defaults by trigger type already applied
    escalation: Mapping[str, str]
    permissions: Mapping[str, tuple[str, ...]]
    notify_on_error: bool = True
    on_quota: str = "skip"
    states: Mapping[str, Any] | None = None
    uses_state: bool = False
    calls_out: bool = False
