"""`docs/building-blocks.md`: everything that a definition can name, written from the declarations (PIP-02, LNG-03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps_engine.language.authoring import inlined
from apps_engine.language.catalogue import ActionSpec, ConnectorSpec, FieldSpec
from apps_engine.language.filters import FILTERS
from apps_engine.language.jsontext import dumps
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.registry import registry

INTRODUCTION = """\
# Building blocks

Written by `make docs` from the declarations; do not edit. `GET /api/v1/catalogue` and the MCP resources tell the same
to programs. Events are in [events.md](events.md), codes in [codes.md](codes.md).
"""


def blocks_document() -> str:
    """The whole page as Markdown."""
    catalogue = registry.catalogue
    parts = [INTRODUCTION, "## Connectors", *map(_connector, _sorted(catalogue.connectors))]
    parts += ["## Actions", *map(_action, _sorted(catalogue.actions))]
    parts += ["## Transforms", *_transforms(), "## Filters", _filters()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _sorted(known: Mapping[str, Any]) -> list[Any]:
    return [known[name] for name in sorted(known)]


def _connector(spec: ConnectorSpec) -> str:
    rows = [(f"`{field.name}`", _type(field), field.summary) for field in spec.fields]
    return f"### {spec.name}\n\n{spec.summary}.\n\n" + _table(("field", "type", "what it is"), rows)


def _type(field: FieldSpec) -> str:
    marks = [word for word, holds in (("or null", field.nullable), ("by members", field.untrusted)) if holds]
    return ", ".join([str(field.type.value), *marks])


def _action(spec: ActionSpec) -> str:
    schema = inlined(spec.params)
    required = set(schema.get("required", ()))
    rows = [
        (f"`{name}`{' *' if name in required else ''}", _kinds(part), str(part.get("description", "")))
        for name, part in schema.get("properties", {}).items()
    ]
    facts = [
        f"spends: {spec.spends}" if spec.spends else "",
        f"connected account: {', '.join(spec.oauth)}" if spec.oauth else "",
        "can be taken back" if spec.undoable else "",
        "" if spec.local else "calls outside",
    ]
    told = "; ".join(filter(None, facts))
    results = ", ".join(f"`{field.name}`" for field in spec.result) or "what its `output_schema` says"
    parts = [f"### {spec.name}", f"{spec.summary}.{f' ({told})' if told else ''}"]
    parts += [_table(("parameter", "type", "what it is"), rows), f"Result: {results}."]
    return "\n\n".join(part.strip("\n") for part in parts)


def _kinds(part: Mapping[str, Any]) -> str:
    if "enum" in part:
        return ", ".join(str(value) for value in part["enum"])
    if "const" in part:
        return str(part["const"])
    choices = part.get("anyOf") or part.get("oneOf")
    if choices:
        return " or ".join(dict.fromkeys(_kinds(choice) for choice in choices))
    kind = part.get("type", "any value")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _transforms() -> Iterator[str]:
    for name, spec in TRANSFORMS.items():
        rows = [
            (f"`{key}`", _kinds(part), str(part.get("description", "")))
            for key, part in spec.params.get("properties", {}).items()
        ]
        yield f"### {name}\n\n{spec.summary}\n\n" + _table(("parameter", "type", "what it is"), rows)


def _filters() -> str:
    rows = []
    for name in sorted(FILTERS):
        source, scope, value = FILTERS[name].example
        rows.append((f"`{name}`", FILTERS[name].summary, f"`{source}`", f"`{dumps(scope)}`", f"`{dumps(value)}`"))
    return _table(("filter", "what it gives", "example", "with", "gives"), rows)


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)
