"""What is known of a value before anything runs: its kind, its fields, and who wrote it.

Validation uses it to find `member.emial` and a member's text on its way into an address (LNG-06, LNG-09).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.kinds import Kind

_KINDS: Mapping[FieldType, Kind] = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DECIMAL: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.INSTANT: Kind.INSTANT,
    FieldType.LIST: Kind.LIST,
    FieldType.OBJECT: Kind.OBJECT,
}


_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """A static type.

    `open` objects may have fields beyond the known ones; an `optional` field may not be there; `noun` names the rows
    for messages; `most` is the longest that a list can be. `selected` marks values of rows that untrusted text picked
    out. `tainted` and `picked` say that untrusted text, or a selected value, is anywhere inside. Beyond depth 16
    nothing is known, so that a chain of groups of groups stays cheap.
    """

    kind: Kind = Kind.ANY
    fields: Mapping[str, Type] = field(default_factory=dict)
    item: Type | None = None
    open: bool = True
    nullable: bool = False
    optional: bool = False
    untrusted: bool = False
    selected: bool = False
    noun: str = ""
    most: int | None = None
    tainted: bool = field(init=False, default=False)
    picked: bool = field(init=False, default=False)
    depth: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        inner = [*self.fields.values(), *((self.item,) if self.item is not None else ())]
        depth = 1 + max((part.depth for part in inner), default=0)
        object.__setattr__(self, "tainted", self.untrusted or any(part.tainted for part in inner))
        object.__setattr__(self, "picked", self.selected or any(part.picked for part in inner))
        if depth > _MAX_DEPTH:
            for name, value in (("fields", {}), ("item", None), ("open", True), ("untrusted", self.tainted)):
                object.__setattr__(self, name, value)
        object.__setattr__(self, "depth", min(depth, _MAX_DEPTH))

    @property
    def element(self) -> Type:
        """What a list holds."""
        return self.item or Type(untrusted=self.untrusted)

    def member(self, name: str) -> Type | None:
        """The field of that name; None when there can be none."""
        if name in self.fields:
            return self.fields[name]
        return Type(untrusted=self.untrusted) if self.open else None


UNKNOWN = Type()
TEXT = Type(Kind.TEXT)
NUMBER = Type(Kind.NUMBER)
BOOLEAN = Type(Kind.BOOLEAN)
INSTANT = Type(Kind.INSTANT)


def object_of(fields: Mapping[str, Type], *, noun: str = "", open: bool = False) -> Type:  # noqa: A002
    """An object with these fields and, unless open, no others."""
    return Type(Kind.OBJECT, fields=fields, open=open, noun=noun)


def list_of(item: Type, most: int | None = None) -> Type:
    """A list whose items are all of one type, and how many there can be."""
    return Type(Kind.LIST, item=item, untrusted=item.untrusted and not item.fields, noun=item.noun, most=most)


def at_path(start: Type, path: str) -> Type:
    """The type of a dotted path of fields; of one that leads nowhere what is known of the whole."""
    current: Type | None = start
    for name in path.split("."):
        current = current.member(name) if current is not None else None
    return current or Type(untrusted=start.tainted)


def of_field(spec: FieldSpec) -> Type:
    """The type of a declared field."""
    return Type(_KINDS[spec.type], nullable=spec.nullable, untrusted=spec.untrusted)


def of_fields(specs: Iterable[FieldSpec], *, noun: str = "") -> Type:
    """An object with the declared fields."""
    return object_of({spec.name: of_field(spec) for spec in specs}, noun=noun)
