"""What a connector and an action declare.

A plugin is one file: the declaration and what only it knows. It never renders templates, checks conditions, counts
quota, retries, logs history or asks whether this is a dry run; the engine does.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet
from pydantic import BaseModel

from apps_engine.language.catalogue import ActionSpec, ConnectorSpec, FieldSpec, FieldType
from decommerce.tenancy.errors import PlatformError

Params = TypeVar("Params", bound=BaseModel)

_EQUALITY = frozenset({"eq", "ne", "in", "not_in", "exists"})
_ORDER = frozenset({"gt", "gte", "lt", "lte", "between"})
_TEXT = frozenset({"contains", "not_contains", "starts_with", "ends_with", "matches"})

# The operators that both back ends of a predicate answer alike, by the type of the field (PIP-06).
OPERATORS: Mapping[FieldType, frozenset[str]] = {
    FieldType.TEXT: _EQUALITY | _ORDER | _TEXT,
    FieldType.INTEGER: _EQUALITY | _ORDER,
    FieldType.DECIMAL: _EQUALITY | _ORDER,
    FieldType.BOOLEAN: frozenset({"eq", "ne", "exists"}),
    FieldType.INSTANT: _EQUALITY | _ORDER | {"within_last", "older_than"},
    FieldType.LIST: frozenset({"contains", "not_contains", "exists"}),
    FieldType.OBJECT: frozenset({"exists"}),
}


class TooMuchAtOnce(PlatformError):
    """More rows than others can wait for: the engine has calls done one at a time then, and by a worker."""

    code = "too_much_at_once"


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Where a call comes from. `now` is the run's own time, the same for each of its steps.

    `owner_id` is the user whose connected accounts the app may use: the person who made it, unless somebody else wrote
    the version that runs. `permissions` are those that the definition asks for, by kind; `flows` names its flows.
    Outside chats `session_key` is ''. A call of `apply` that would write more than `most_rows` raises TooMuchAtOnce.
    """

    tenant_id: int
    app_id: int
    app_name: str
    execution_id: int
    now: datetime
    owner_id: int | None = None
    session_key: str = ""
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flows: frozenset[str] = frozenset()
    most_rows: float = math.inf

    def require_room(self, rows: int) -> None:
        """Raise TooMuchAtOnce where an action is about to write more rows than it may."""
        if rows > self.most_rows:
            raise TooMuchAtOnce(f"{rows:,} rows would be written at once.", hint="Have it done for fewer at a time.")


@dataclass(frozen=True, slots=True)
class Call(Generic[Params]):
    """One rendered and checked call. `key` identifies it over all attempts: execution, path and item (RUN-05)."""

    params: Params
    key: str


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a connector and the ORM lookup, annotation or key it is read from.

    `computed` makes the expression that is annotated under the name `source`, in those steps only that use the field.
    `filterable` false keeps the field out of `where` and `order_by`.
    """

    spec: FieldSpec
    source: str
    filterable: bool = True
    computed: Callable[[ActionContext], Any] | None = None


class Connector(ABC):
    """What may be read: the declaration that every way of reading shares (PIP-02)."""

    name: ClassVar[str]
    noun: ClassVar[str]
    summary: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    scope: ClassVar[str] = "data:read"
    max_rows: ClassVar[int] = 10_000

    @abstractmethod
    def sample(self) -> dict[str, Any]:
        """One row as an example, for documentation, for the AI and for dry runs on an empty community."""

    @classmethod
    def spec(cls) -> ConnectorSpec:
        """The declaration as the language sees it."""
        usable = [column.spec for column in cls.columns if column.filterable]
        return ConnectorSpec(
            name=cls.name,
            noun=cls.noun,
            summary=cls.summary,
            fields=tuple(column.spec for column in cls.columns),
            operators={spec.name: OPERATORS[spec.type] for spec in usable},
            orderings=frozenset(spec.name for spec in usable if spec.type not in {FieldType.LIST, FieldType.OBJECT}),
            max_rows=cls.max_rows,
        )


class TableConnector(Connector):
    """Rows of one table. One query a step, whatever the number of rows."""

    @abstractmethod
    def queryset(self, context: ActionContext) -> QuerySet:
        """The rows of the tenant in scope; the engine annotates what is computed, filters, orders and pages."""


class SummaryConnector(Connector):
    """A few rows that are worked out as a whole, such as figures about the community. Their keys are the sources."""

    @abstractmethod
    def rows(self, context: ActionContext) -> Sequence[Mapping[str, Any]]:
        """Every row, with a constant number of queries; the engine filters, orders and pages."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The call that takes an earlier one back."""

    action: str
    params: Mapping[str, Any]


class Action(ABC, Generic[Params]):
    """One kind of effect. `Params` is checked once its templates are rendered."""

    name: ClassVar[str]
    summary: ClassVar[str]
    sentence: ClassVar[str]
    Params: ClassVar[type[BaseModel]]
    result: ClassVar[tuple[FieldSpec, ...]] = ()
    scope: ClassVar[str] = "data:write"
    spends: ClassVar[str | None] = None
    writes: ClassVar[tuple[str, ...]] = ()
    sends: ClassVar[tuple[str, ...]] = ()
    emits: ClassVar[tuple[str, ...]] = ()
    targets: ClassVar[tuple[str, ...]] = ()
    oauth: ClassVar[tuple[str, ...]] = ()
    undoable: ClassVar[bool] = False
    local: ClassVar[bool]

    def undo(self, params: Any, result: Mapping[str, Any]) -> Undo | None:
        """What takes one call back, from its parameters and its result; None where nothing was done (RUN-16).

        Only where the declaration says `undoable`; what is not can be told before a run.
        """
        return None

    @classmethod
    def spec(cls) -> ActionSpec:
        """The declaration as the language sees it."""
        return ActionSpec(
            name=cls.name,
            summary=cls.summary,
            sentence=cls.sentence,
            params=cls.Params.model_json_schema(),
            result=cls.result,
            local=cls.local,
            writes=cls.writes,
            sends=cls.sends,
            targets=cls.targets,
            emits=cls.emits,
            spends=cls.spends,
            oauth=cls.oauth,
            undoable=cls.undoable,
        )


class LocalAction(Action[Params]):
    """Changes this platform's own rows, inside the engine's transaction, always over a batch: exactly once."""

    local = True

    @abstractmethod
    def apply(self, batch: Sequence[Call[Params]], context: ActionContext) -> Sequence[dict[str, Any]]:
        """Do every call with bulk statements and return one result for each, in order.

        An expected refusal of one item (no such post, opted out) is a result with `skipped`, not an error. Raising
        refuses the whole batch; the engine then goes item by item to find the culprit.
        """

    def shared(self, params: Params) -> bool:
        """Whether one batch may hold calls of several runs of the app (docs/decisions/0006-batches.md).

        True only where what is done and written down is the same whichever run asks, the call's key apart, and depends
        on no rows that another such action changes.
        """
        return False


class Repeatable(StrEnum):
    """What may be done with a call of which nobody knows whether it arrived."""

    BY_KEY = "by_key"  # the provider honours idempotency keys: send the stored bytes again
    SAFELY = "safely"  # reading or computing: send again
    BY_LOOKUP = "by_lookup"  # the provider can be asked whether it has it: ask, and send only what it has not
    NEVER = "never"  # leave it unknown and tell the admins


@dataclass(frozen=True, slots=True)
class Request:
    """An outside call, frozen before it is made: what a crash leaves to read. JSON values only."""

    kind: str
    body: Mapping[str, Any]
    deadline_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Response:
    """What the outside answered; `result` is what later steps see. `usage` is counted with the run, tokens say."""

    result: Mapping[str, Any]
    usage: Mapping[str, int] = field(default_factory=dict)


class ExternalAction(Action[Params]):
    """Calls the outside: prepared in the transaction that claims it, sent outside any transaction."""

    local = False
    repeatable: ClassVar[Repeatable] = Repeatable.NEVER
    # Whether the same frozen request in one run is answered from the first answer; it then holds no key of the call.
    cached: ClassVar[bool] = False

    @abstractmethod
    def prepare(self, call: Call[Params], context: ActionContext) -> Request:
        """The frozen request; may read the database, sends nothing."""

    @abstractmethod
    def send(self, request: Request, context: ActionContext) -> Response:
        """Make the call; raises a PlatformError whose `sent`, `retryable` and `declined` are right."""

    def repeats(self, request: Request) -> Repeatable:
        """What may be done with this very request once nobody knows whether it arrived."""
        return self.repeatable

    def look_up(self, request: Request, context: ActionContext) -> Response | None:
        """The answer to a request that arrived before, None where it did not; only for BY_LOOKUP.

        Raises a PlatformError where the other side cannot be asked.
        """
        raise NotImplementedError(f"{self.name} cannot be looked up")

    @abstractmethod
    def preview(self, request: Request) -> Mapping[str, Any]:
        """A result of the same shape without sending anything, for dry runs."""
