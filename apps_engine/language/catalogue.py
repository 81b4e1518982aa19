"""What the language knows of the platform: plain facts about connectors, actions and events.

The registry builds a Catalogue from the plugins' declarations, so that validate, compile and report stay pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class FieldType(StrEnum):
    """The types a field can have; values in a scope are JSON values, so an instant is an ISO 8601 text in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a connector's row or of an action's result.

    `untrusted` marks text that members or a model wrote; `personal` marks data about a person (an address, a name).
    """

    name: str
    type: FieldType
    summary: str = ""
    nullable: bool = False
    untrusted: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """What a definition may read: `noun` is the plain plural that a preview uses ("members", "posts")."""

    name: str
    noun: str
    summary: str
    fields: tuple[FieldSpec, ...]
    operators: Mapping[str, frozenset[str]]  # field name -> the predicate operators it admits
    orderings: frozenset[str]
    max_rows: int

    def field(self, name: str) -> FieldSpec | None:
        """The field of that name, if the connector has it."""
        return next((spec for spec in self.fields if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What a definition may do.

    `params` is the JSON Schema of the parameters once rendered; `targets` names the parameters that decide who or what
    is reached (sinks of the information flow). `spends` is the counted resource of one call: "email", "ai" or None.
    `oauth` names the services whose connected account a call uses ("gmail"); `undoable` says that it can be taken back.
    `sentence` completes "This app ..." in a preview, e.g. "flags posts for review".
    """

    name: str
    summary: str
    sentence: str
    params: Mapping[str, Any]
    result: tuple[FieldSpec, ...]
    local: bool
    writes: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    emits: tuple[str, ...] = ()
    spends: str | None = None
    oauth: tuple[str, ...] = ()
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class EventSpec:
    """A platform event: the JSON Schema of its data, one sample, and one line for people ("someone writes a post")."""

    name: str
    summary: str
    payload: Mapping[str, Any]
    sample: Mapping[str, Any]
    untrusted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Everything a definition may name. Equal to itself only, so that what follows from it can be kept beside it.

    `gone` are features that stored definitions name and that are no longer there: their steps fail and say so.
    """

    connectors: Mapping[str, ConnectorSpec] = field(default_factory=dict)
    actions: Mapping[str, ActionSpec] = field(default_factory=dict)
    events: Mapping[str, EventSpec] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def without(self, gone: frozenset[str]) -> Catalogue:
        """The same where these features are gone, so that definitions that name them can still be read."""
        return replace(
            self,
            connectors={**self.connectors, **{name: _no_connector(name) for name in gone}},
            actions={**self.actions, **{name: _no_action(name) for name in gone}},
            gone=gone,
        )


def _no_connector(name: str) -> ConnectorSpec:
    return ConnectorSpec(name, "nothing", "No longer there.", (), {}, frozenset(), 0)


def _no_action(name: str) -> ActionSpec:
    return ActionSpec(name, "No longer there.", "does nothing any more", {"type": "object"}, (), local=True)
