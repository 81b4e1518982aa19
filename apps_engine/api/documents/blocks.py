"""`docs/building-blocks.md`: connectors, transforms, actions and events, as they declare themselves (PIP-02)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.api.documents.markdown import code, page, section, sentence, table
from apps_engine.contracts import OPERATORS
from apps_engine.language.authoring import inlined
from apps_engine.language.catalogue import ActionSpec, ConnectorSpec, EventSpec, FieldSpec
from apps_engine.language.transforms import TRANSFORMS, TransformSpec
from apps_engine.registry import registry

_ABOUT = (
    "What definitions are made of. The same, for programs: `GET /api/v1/catalogue`, and the JSON Schema of a "
    "definition: `GET /api/v1/schema`. Filters are in [filters.md](filters.md), codes in [codes.md](codes.md), samples "
    "of events in [events.md](events.md)."
)
_ALTERNATIVES = ("anyOf", "oneOf")


def blocks_document() -> str:
    """Every connector with its fields, every transform and action with its parameters, every event with its data."""
    catalogue = registry.catalogue
    return page(
        "Building blocks",
        _ABOUT,
        section("Connectors", _operators(), *map(_connector, catalogue.connectors.values())),
        section("Transforms", *map(_transform, TRANSFORMS.values())),
        section("Actions", *map(_action, catalogue.actions.values())),
        section(
            "Events",
            "An event's data is `trigger` in the flow that it starts.",
            *map(_event, catalogue.events.values()),
        ),
    )


def _operators() -> str:
    rows = ((kind.value, ", ".join(map(code, sorted(known)))) for kind, known in OPERATORS.items())
    return "Which operators a filter object may use depends on the type of the field:\n\n" + table(
        ("type", "operators"), rows
    )


def _connector(spec: ConnectorSpec) -> str:
    rows = ((code(field.name), field.type.value, _notes(field, spec), sentence(field.summary)) for field in spec.fields)
    about = f"{sentence(spec.summary)} At most {spec.max_rows:,} rows a step."
    return section(code(spec.name), about, table(("field", "type", "notes", "what it is"), rows), level=3)


def _notes(field: FieldSpec, spec: ConnectorSpec | None = None) -> str:
    filterable = spec is None or field.name in spec.operators
    notes = {
        "may be null": field.nullable,
        "members wrote it": field.untrusted,
        "about a person": field.personal,
        "not filterable": not filterable,
    }
    return ", ".join(note for note, holds in notes.items() if holds)


def _transform(spec: TransformSpec) -> str:
    return section(code(spec.name), sentence(spec.summary), _parameters(spec.params), level=3)


def _action(spec: ActionSpec) -> str:
    result = table(
        ("result", "type", "notes", "what it is"),
        ((code(field.name), field.type.value, _notes(field), sentence(field.summary)) for field in spec.result),
    )
    return section(
        code(spec.name), sentence(spec.summary), " ".join(_facts(spec)), _parameters(spec.params), result, level=3
    )


def _facts(spec: ActionSpec) -> Iterator[str]:
    yield "Changes this platform, exactly once." if spec.local else "Calls something outside."
    for words, named in (
        ("Changes", spec.writes),
        ("Sends", spec.sends),
        ("Causes", spec.emits),
        ("Uses the account", spec.oauth),
        ("Decides who or what is reached by", spec.targets),
    ):
        if named:
            yield f"{words}: {', '.join(map(code, named))}."
    if spec.spends:
        yield f"Counts as one {spec.spends} call."
    if spec.writes or spec.sends:
        yield "Can be taken back." if spec.undoable else "Cannot be taken back."


def _event(spec: EventSpec) -> str:
    rows = ((code(path), kind, note) for path, kind, note in _paths(inlined(spec.payload), spec.untrusted))
    return section(code(spec.name), sentence(f"when {spec.summary}"), table(("data", "type", "notes"), rows), level=3)


def _paths(schema: Mapping[str, Any], untrusted: frozenset[str], at: str = "") -> Iterator[tuple[str, str, str]]:
    """Every field of an event's data, by its path; lists of objects have the fields of their items."""
    for name, part in schema.get("properties", {}).items():
        path = f"{at}{name}"
        kind, inner = _kind(part), _object_in(part)
        notes = ["members wrote it"] if path in untrusted else []
        notes += ["may be null"] if "null" in kind.split(" or ") else []
        yield path, kind, ", ".join(notes)
        yield from _paths(inner, untrusted, f"{path}.")


def _object_in(schema: Any) -> Mapping[str, Any]:
    """The object that a schema describes, alone, as an alternative to null, or as the item of a list."""
    if not isinstance(schema, Mapping):
        return {}
    if "properties" in schema:
        return schema
    inside = [*(part for key in _ALTERNATIVES for part in schema.get(key, ())), schema.get("items")]
    return next((found for part in inside if (found := _object_in(part))), {})


def _parameters(schema: Mapping[str, Any]) -> str:
    whole = inlined(schema)
    required = whole.get("required", ())
    rows = (
        (
            code(name),
            _kind(part),
            "yes" if name in required else _default(part),
            sentence(str(part.get("description", ""))),
        )
        for name, part in whole.get("properties", {}).items()
    )
    return table(("parameter", "type", "required", "what it is"), rows)


def _default(schema: Any) -> str:
    default = schema.get("default") if isinstance(schema, Mapping) else None
    return "" if default in (None, "", [], {}) else f"no, {code(default)}"


def _kind(schema: Any) -> str:
    """The type of a value in a few words."""
    if not isinstance(schema, Mapping):
        return "any"
    if "enum" in schema or "const" in schema:
        return " or ".join(code(value) for value in schema.get("enum", [schema.get("const")])[:8])
    declared = schema.get("type")
    if isinstance(declared, list):
        return " or ".join(declared)
    if declared is None:
        parts = [_kind(part) for key in _ALTERNATIVES for part in schema.get(key, ())]
        return " or ".join(dict.fromkeys(parts)) or "any"
    return f"array of {_kind(schema['items'])}" if declared == "array" and schema.get("items") else str(declared)
