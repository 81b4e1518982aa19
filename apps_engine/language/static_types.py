"""What is known of a value before anything runs: its kind, its fields, and who wrote it.

Validation uses it to find `member.emial` and a member's text on its way into an address (LNG-06, LNG-09).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import chain

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
_MOST_FIELDS = 500


class Origin(IntEnum):
    """Who wrote a value: the platform or the app's author, a member, or what stands outside of the community.

    The last is a model, another system, another app or what a session remembers. Whatever can be either is the later.
    """

    PLATFORM = 0
    MEMBER = 1
    OUTSIDE = 2


# Never changed once it is made, yet not frozen: thousands are made, and freezing would cost more than the rest.
@dataclass(slots=True, eq=False)
class Type:
    """A static type.

    `open` objects may have fields beyond the known ones; an `optional` field may not be there; `noun` names the rows
    for messages; `most` is the longest that a list can be. `untrusted` says who wrote the value, `selected` who decided
    that it is this value and not another of the platform's own. `tainted` and `picked` are the latest of these
    anywhere inside. Beyond depth 16, or of more than 500 fields, nothing is known, so that a chain of groups of
    groups and ever wider rows stay cheap.
    """

    kind: Kind = Kind.ANY
    fields: Mapping[str, Type] = field(default_factory=dict)
    item: Type | None = None
    open: bool = True
    nullable: bool = False
    optional: bool = False
    untrusted: int = Origin.PLATFORM
    selected: int = Origin.PLATFORM
    noun: str = ""
    most: int | None = None
    tainted: int = field(init=False, default=Origin.PLATFORM)
    picked: int = field(init=False, default=Origin.PLATFORM)
    depth: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        tainted, picked, depth = int(self.untrusted), int(self.selected), 0
        inner = (*self.fields.values(), self.item) if self.item is not None else self.fields.values()
        for part in inner:
            tainted, picked, depth = max(tainted, part.tainted), max(picked, part.picked), max(depth, part.depth)
        if depth >= _MAX_DEPTH or len(self.fields) > _MOST_FIELDS:
            self.kind = self.kind if depth >= _MAX_DEPTH else Kind.ANY
            self.fields, self.item, self.open, self.untrusted, self.selected = {}, None, True, tainted, picked
        self.tainted, self.picked, self.depth = tainted, picked, min(depth + 1, _MAX_DEPTH)

    @property
    def element(self) -> Type:
        """What a list holds."""
        if self.item is None:
            return Type(untrusted=self.untrusted, selected=self.selected)
        return self.item.marked(selected=self.selected)

    def member(self, name: str) -> Type | None:
        """The field of that name; None when there can be none."""
        part = self.fields.get(name)
        if part is not None:
            return part.marked(selected=self.selected)
        return Type(untrusted=self.untrusted, selected=self.selected) if self.open else None

    def marked(self, *, untrusted: int = Origin.PLATFORM, selected: int = Origin.PLATFORM) -> Type:
        """The same, all of it at least so untrusted and so selected. What is in a value is selected as the value is."""
        if untrusted <= Origin.PLATFORM:
            return self if selected <= self.selected else replace(self, selected=selected)
        return replace(
            self,
            fields={name: part.marked(untrusted=untrusted) for name, part in self.fields.items()},
            item=None if self.item is None else self.item.marked(untrusted=untrusted),
            untrusted=max(self.untrusted, untrusted),
            selected=max(self.selected, selected),
        )


def joined(types: Sequence[Type]) -> Type:
    """What is known of a value that has one of these types; unknown for none."""
    if len(types) == 1:
        return types[0]
    # A list without items and null say nothing of what would be there instead.
    told = [found for found in types if found.most != 0 and found.kind is not Kind.NULL] or types[:1]
    nullable = any(found.nullable or found.kind is Kind.NULL for found in types)
    if len(told) < 2:
        return replace(told[0], nullable=nullable) if told else UNKNOWN
    items = [found.element for found in told if found.item is not None]
    lengths = [found.most for found in told]
    # Where only some tell what they hold, the whole has to stand for all that is in them.
    whole = len(items) == len(told) or not items
    return Type(
        kind=_common_kind({found.kind for found in told}),
        fields={name: _joined_field(name, told) for name in dict.fromkeys(chain(*(found.fields for found in told)))},
        item=joined(items) if items and whole else None,
        open=any(found.open for found in told),
        nullable=nullable,
        optional=any(found.optional for found in types),
        untrusted=max(found.untrusted if whole else found.tainted for found in told),
        selected=max(found.selected if whole else found.picked for found in told),
        noun=told[0].noun if len({found.noun for found in told}) == 1 else "",
        most=None if None in lengths else max(length or 0 for length in lengths),
    )


def _common_kind(kinds: set[Kind]) -> Kind:
    if len(kinds) == 1:
        return kinds.pop()
    return Kind.TEXT if kinds == {Kind.TEXT, Kind.INSTANT} else Kind.ANY


def _joined_field(name: str, types: Sequence[Type]) -> Type:
    """The field in the types that can have it; where it is only a guess it may be missing."""
    found = [part for known in types if (part := known.member(name)) is not None]
    return replace(joined(found), optional=any(name not in known.fields for known in types))


def not_null(start: Type, path: Sequence[str]) -> Type:
    """The same, known to have a value at the path, and at all that leads there; unchanged where nothing is known."""
    known = replace(start, nullable=False)
    if not path or path[0] not in start.fields:
        return known if not path else start
    return replace(known, fields={**start.fields, path[0]: not_null(start.fields[path[0]], path[1:])})


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
    own = Origin.PLATFORM if item.fields else item.untrusted
    return Type(Kind.LIST, item=item, untrusted=own, noun=item.noun, most=most)


def at_path(start: Type, path: str) -> Type:
    """The type of a dotted path of fields; of one that leads nowhere what is known of the whole."""
    current: Type | None = start
    for name in path.split("."):
        current = current.member(name) if current is not None else None
    return current or Type(untrusted=start.tainted, selected=start.picked)


def of_field(spec: FieldSpec) -> Type:
    """The type of a declared field."""
    return Type(_KINDS[spec.type], nullable=spec.nullable, untrusted=spec.untrusted)


def of_fields(specs: Iterable[FieldSpec], *, noun: str = "") -> Type:
    """An object with the declared fields."""
    return object_of({spec.name: of_field(spec) for spec in specs}, noun=noun)
