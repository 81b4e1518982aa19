"""What may be written as a name: of a flow, an event, a field of a connector's rows, a list to go over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from apps_engine.language.completion.expression import roots, type_words
from apps_engine.language.completion.option import Option
from apps_engine.language.completion.scene import Scene
from apps_engine.language.jsontext import dumps
from apps_engine.language.kinds import Kind
from apps_engine.language.operators import OPERATORS
from apps_engine.language.static_types import Type
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.validate.effects import EMITTING
from apps_engine.language.validate.predicates import Filterable, rows_of, values_of
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.triggers import trigger_type
from apps_engine.language.validate.vocabulary import vocabulary_of

# Parts of a filter object that hold more of it.
_COMBINED = frozenset({"and", "or", "not"})
_FILTERS = frozenset({"where", "filter"})
_LISTS = frozenset({"from", "each", "with"})
# Texts of a step that may hold placeholders.
_TEMPLATES = frozenset({"params", "where", "once_per", "limit", "offset", "pause", "response"})


def name_options(scene: Scene) -> Iterator[Option]:
    """The names that the definition and the catalogue know for a place."""
    if scene.at_key:
        return _keys(scene)
    last = scene.path[-1] if scene.path else ""
    found = _BY_KEY.get(str(last), _none)(scene)
    return chain(found, _listed(scene), _row_fields(scene), _sent(scene), _placeholders(scene))


def _keys(scene: Scene) -> Iterator[Option]:
    """Fields of what a filter object filters, and the operators of one of them."""
    inside = [part for part in scene.rest if isinstance(part, str) and part not in _COMBINED]
    starts = [depth for depth, part in enumerate(inside) if part in _FILTERS]
    filtered = _filtered(scene) if starts else None
    if filtered is None:
        return
    below = inside[starts[0] + 1 :]
    if below:
        admitted = OPERATORS if filtered.operators is None else filtered.operators.get(below[0], frozenset())
        yield from (_key(name, OPERATORS[name].phrase) for name in sorted(admitted) if name in OPERATORS)
        return
    for name in filtered.known():
        found = filtered.field(name)
        yield _key(name, type_words(found) if isinstance(found, Type) else "")


def _filtered(scene: Scene) -> Filterable | None:
    """What a filter object filters: rows of a connector, an event, or the list of a transform."""
    holder, vocabulary = scene.holder, vocabulary_of(scene.catalogue)
    connector = scene.catalogue.connectors.get(str(holder.get("fetch")))
    if connector is not None:
        return rows_of(connector, vocabulary)
    if "transform" in holder:
        return values_of(_rows(scene), "the list")
    if "event" in holder:
        return values_of(trigger_type({**holder, "type": "event"}, Review(scene.document, vocabulary)), "the event")
    return None


def _rows(scene: Scene) -> Type:
    """An item of the list that a transform reshapes."""
    source = scene.holder.get("from")
    return scene.reader.type_of(source).element if scene.reader is not None and isinstance(source, str) else Type()


def _row_fields(scene: Scene) -> Iterator[Option]:
    """Fields of the rows of a transform, where its parameters name some."""
    spec = TRANSFORMS.get(str(scene.holder.get("transform")))
    named = scene.rest[1:2] if scene.rest[:1] == ("params",) else ()
    if spec is None or not named or named[0] not in {*spec.row_fields, "metrics", "on", spec.row_expressions}:
        return
    for name, found in _rows(scene).fields.items():
        yield _value(name, type_words(found))


def _listed(scene: Scene) -> Iterator[Option]:
    """The lists of the scope, where one is gone over."""
    if scene.reader is None or not scene.rest or scene.rest[-1] not in _LISTS:
        return
    for wanted in (Kind.LIST, Kind.ANY):
        for option in roots(scene.reader):
            if scene.reader.type_of(f"{{{{ {option.label} }}}}").kind is wanted:
                yield _value(f"{{{{ {option.label} }}}}", option.about)


def _sent(scene: Scene) -> Iterator[Option]:
    """The app's own events, where one is sent."""
    if scene.rest[:2] == ("params", EMITTING.get(str(scene.holder.get("act")), "")):
        yield from map(_value, _permitted(scene, "emits"))


def _placeholders(scene: Scene) -> Iterator[Option]:
    """Every name of the scope as a template."""
    if scene.reader is not None and scene.rest and scene.rest[0] in _TEMPLATES:
        for option in roots(scene.reader):
            yield _value(f"{{{{ {option.label} }}}}", option.about)


def _flows(scene: Scene) -> Iterator[Option]:
    return map(_value, _members(scene.document.get("flows")))


def _events(scene: Scene) -> Iterator[Option]:
    heard = _permitted(scene, "subscribes") if scene.rest == ("event",) else ()
    return (_value(name, "An event of another app.") for name in heard)


def _endings(scene: Scene) -> Iterator[Option]:
    return map(_value, ("fail", "continue", *_members(scene.document.get("escalation"))))


def _none(scene: Scene) -> Iterator[Option]:
    return iter(())


def _permitted(scene: Scene, kind: str) -> list[str]:
    return sorted(Review(scene.document, vocabulary_of(scene.catalogue)).permitted(kind))


def _members(value: Any) -> Iterable[str]:
    return list(value) if isinstance(value, dict) else ()


def _key(name: str, about: str) -> Option:
    return Option(name, f"{dumps(name)}: ", about)


def _value(name: str, about: str = "") -> Option:
    return Option(name, dumps(name), about)


_BY_KEY: Mapping[str, Callable[[Scene], Iterator[Option]]] = {
    "flow": _flows,
    "event": _events,
    "on_error": _endings,
}
