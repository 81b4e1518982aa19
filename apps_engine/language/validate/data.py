"""Steps that read and reshape rows: connectors, fields, filters, orders, transforms (PIP-02, PIP-03, LNG-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.catalogue import ConnectorSpec
from apps_engine.language.kinds import Kind, described_kinds
from apps_engine.language.pointers import join
from apps_engine.language.static_types import UNKNOWN, Origin, Type, at_path, list_of
from apps_engine.language.transforms import TRANSFORMS, TransformSpec
from apps_engine.language.transforms.columns import is_path
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.params import check_params
from apps_engine.language.validate.predicates import Narrowing, check_predicate, rows_of, values_of
from apps_engine.language.validate.review import Place, Walk
from apps_engine.language.validate.scope import Fault, follow
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.vocabulary import TRANSFORM_PARAMETERS

Step = Mapping[str, Any]

# Parameters that say how many rows are left, and from where.
_COUNTS = ("count", "offset")
_ADDING = ("sum", "avg")


def check_fetch(step: Step, at: str, place: Place, walk: Walk) -> Type:
    """Report what the connector does not have; the result is a list of rows with the asked fields."""
    reader, findings = place.reader(walk), walk.review.findings
    bounds = [_check_bound(step.get(key), join(at, key), reader) for key in ("limit", "offset")]
    name = step.get("fetch")
    if not isinstance(name, str):
        return list_of(UNKNOWN)
    connector = walk.review.catalogue.connectors.get(name)
    if connector is None:
        known = walk.review.catalogue.connectors
        hint = findings.suggest(name, known) or f"Possible: {', '.join(sorted(known))}."
        findings.add(join(at, "fetch"), "unknown_connector", f"There is no connector `{name[:40]}`.", hint)
        reader.value(step.get("where"), join(at, "where"))
        return list_of(UNKNOWN)
    _check_fields(connector, step.get("fields"), join(at, "fields"), findings)
    _check_order(connector, step.get("order_by"), join(at, "order_by"), findings)
    where = check_predicate(step.get("where"), join(at, "where"), rows_of(connector, walk.review.vocabulary), reader)
    if isinstance(step.get("id"), str):
        walk.fetched[step["id"]] = at
    rows = _rows(connector, walk.review.vocabulary.row(connector), step, where)
    return rows.marked(selected=max(max(bound.tainted, bound.picked) for bound in bounds))


def _check_bound(bound: Any, at: str, reader: Reader) -> Type:
    found = reader.value(bound, at)
    if isinstance(bound, str) and found.kind not in (Kind.NUMBER, Kind.ANY):
        message = f"This renders {described_kinds((found.kind,))}, but must be a number."
        reader.findings.add(at, "wrong_type", message, "Write a number, or a template that renders one.")
    return found


def _rows(connector: ConnectorSpec, row: Type, step: Step, where: Narrowing) -> Type:
    asked = step.get("fields")
    fields = row.fields
    if isinstance(asked, list) and asked:
        names = {name for name in asked if isinstance(name, str)}
        fields = {name: found for name, found in fields.items() if name in names}
    present = {name: replace(fields[name], nullable=False) for name in where.present & fields.keys()}
    row = replace(row, fields={**fields, **present})
    most = step.get("limit")
    rows = list_of(row, min(most, connector.max_rows) if isinstance(most, int) else connector.max_rows)
    return rows.marked(selected=where.origin)


def _check_fields(connector: ConnectorSpec, fields: Any, at: str, findings: Findings) -> None:
    for index, name in enumerate(fields if isinstance(fields, list) else ()):
        if isinstance(name, str) and connector.field(name) is None:
            _unknown_field(connector, name, join(at, index), findings)


def _check_order(connector: ConnectorSpec, order: Any, at: str, findings: Findings) -> None:
    for index, term in enumerate(order if isinstance(order, list) else ()):
        name = term.removeprefix("-") if isinstance(term, str) else None
        if name is None or name in connector.orderings:
            continue
        if connector.field(name) is None:
            _unknown_field(connector, name, join(at, index), findings)
        else:
            hint = f"Possible: {', '.join(sorted(connector.orderings))}."
            message = f"{connector.noun} cannot be ordered by `{name}`."
            findings.add(join(at, index), "not_orderable", message, hint)


def _unknown_field(connector: ConnectorSpec, name: str, at: str, findings: Findings) -> None:
    names = [spec.name for spec in connector.fields]
    hint = findings.suggest(name, names) or f"It has: {', '.join(names)}."
    findings.add(at, "unknown_field", f"{connector.noun} has no field `{name[:40]}`.", hint)


def check_transform(step: Step, at: str, place: Place, walk: Walk) -> Type:
    """Report what the transform does not take; the result is what it makes of its source."""
    reader, findings = place.reader(walk), walk.review.findings
    source = reader.value(step["from"], join(at, "from")) if isinstance(step.get("from"), str | list) else UNKNOWN
    params = step.get("params")
    name = step.get("transform")
    spec = TRANSFORMS.get(name) if isinstance(name, str) else None
    if spec is None:
        if isinstance(name, str):
            hint = findings.suggest(name, TRANSFORMS) or f"Possible: {', '.join(TRANSFORMS)}."
            findings.add(join(at, "transform"), "unknown_transform", f"There is no transform `{name[:40]}`.", hint)
        reader.value(params, join(at, "params"))
        return UNKNOWN
    if spec.takes_rows and "from" not in step:
        findings.add(at, "missing_key", "`from` is missing.", 'Name what to reshape: "from": "{{ members }}".')
    if not spec.takes_rows and "from" in step:
        hint = "Name what it reads in its parameters."
        findings.add(join(at, "from"), "unknown_key", f"`{spec.name}` takes no `from`.", hint)
    if spec.takes_rows and source.kind not in (Kind.LIST, Kind.ANY):
        message = f"`{spec.name}` takes a list; this is {described_kinds((source.kind,))}."
        findings.add(join(at, "from"), "not_a_list", message, "Name the result of a fetch.")
    if params is not None and not isinstance(params, dict):
        return UNKNOWN
    return _check_params(spec, params or {}, source, join(at, "params") if "params" in step else at, place, walk)


def _matching(source: Type, where: Narrowing) -> Type:
    """The rows that a filter leaves have a value wherever it compares one."""
    fields = source.element.fields
    there = {name: replace(fields[name], nullable=False) for name in where.present & fields.keys()}
    kept = replace(source, item=replace(source.element, fields={**fields, **there})) if there else source
    return kept.marked(selected=where.origin)


def _check_params(spec: TransformSpec, params: Step, source: Type, at: str, place: Place, walk: Walk) -> Type:
    """Report wrong parameters; the type of the transform's result."""
    reader, findings = place.reader(walk), walk.review.findings
    if not walk.review.shaped:
        check_params(params, TRANSFORM_PARAMETERS[spec.name].written, at, spec.name, findings)
    types = _param_types(spec, params, source, at, reader)
    for key, error in spec.faults(params):
        findings.refused(join(at, key), error)
    noun = source.noun or "the list"
    where = check_predicate(params.get("where"), join(at, "where"), values_of(source.element, noun), reader)
    _check_fields_named(spec, params, source, types, at, findings)
    made = spec.result(_matching(source, where), params, types)
    if not spec.takes_rows:
        return made.marked(
            untrusted=max((found.tainted for found in types.values()), default=0),
            selected=max((found.picked for found in types.values()), default=0),
        )
    # How long a list is that somebody else wrote is their choice too.
    own = replace(made, untrusted=max(made.untrusted, source.untrusted))
    rows = [source, types.get("with", UNKNOWN)]
    chosen = max(max(known.selected, known.element.selected) for known in rows)
    return own.marked(selected=max(chosen, _choosing(spec, params, source, types)))


def _check_fields_named(
    spec: TransformSpec, params: Step, source: Type, types: Mapping[str, Type], at: str, findings: Findings
) -> None:
    """Report names of fields that the rows do not have."""
    for key in spec.row_fields:
        names = params.get(key)
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                _check_row_field(name.removeprefix("-"), source, join(at, key, index), findings)
    metrics = params.get("metrics")
    for name, metric in metrics.items() if isinstance(metrics, dict) else ():
        for operation, field in metric.items() if isinstance(metric, dict) else ():
            if isinstance(field, str) and field != "*":
                _check_metric(operation, field, source, join(at, "metrics", name, operation), findings)
    for place, rows, field in _keys(params, source, types):
        _check_row_field(field, rows, at + place, findings)


def _check_metric(operation: str, field: str, source: Type, at: str, findings: Findings) -> None:
    _check_row_field(field, source, at, findings)
    kind = at_path(source.element, field).kind
    if operation in _ADDING and kind not in (Kind.NUMBER, Kind.ANY):
        message = f"`{operation}` adds numbers, and `{field[:40]}` is {described_kinds((kind,))}."
        findings.add(at, "wrong_type", message, "Name a field with numbers, or count.")


def _keys(params: Step, source: Type, types: Mapping[str, Type]) -> list[tuple[str, Type, str]]:
    """The keys of two lists that are put together: the place of each, the list that has it, and its name."""
    on, other = params.get("on"), types.get("with", UNKNOWN)
    if isinstance(on, dict):
        sides = [("/on/left", source, on.get("left")), ("/on/right", other, on.get("right"))]
    else:
        sides = [("/on", source, on), ("/on", other, on)]
    return [(place, rows, key) for place, rows, key in sides if isinstance(key, str)]


def _choosing(spec: TransformSpec, params: Step, source: Type, types: Mapping[str, Type]) -> int:
    """Who decides which rows a transform leaves, or which stand first.

    By a number that it takes, by the keys of two lists, or by a field that somebody's choice was written into.
    """
    numbers = [types[name] for name in _COUNTS if name in types]
    keys = [at_path(rows.element, key) for _, rows, key in _keys(params, source, types)]
    names = [name for key in spec.row_fields for name in _texts(params.get(key))]
    choices = [at_path(source.element, name.removeprefix("-")).picked for name in names]
    return max([*choices, *(max(found.tainted, found.picked) for found in (*numbers, *keys))], default=Origin.PLATFORM)


def _texts(names: Any) -> list[str]:
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _param_types(spec: TransformSpec, params: Step, source: Type, at: str, reader: Reader) -> dict[str, Type]:
    types: dict[str, Type] = {}
    for key, value in params.items():
        if key in spec.expressions:
            types[key] = reader.expression(value, join(at, key))
        elif key == spec.row_expressions:
            types |= _check_columns(value, source, join(at, key), reader)
        elif key != "where":
            types[key] = reader.value(value, join(at, key))
    return types


def _check_columns(columns: Any, source: Type, at: str, reader: Reader) -> dict[str, Type]:
    """Report wrong formulas over the rows; the types of the others, by name."""
    types: dict[str, Type] = {}
    for name, formula in columns.items() if isinstance(columns, dict) else ():
        if is_path(formula):
            _check_row_field(formula, source, join(at, name), reader.findings)
        elif isinstance(formula, str):
            types[name] = over_rows(formula, join(at, name), source.element, reader)
    return types


def over_rows(formula: str, at: str, row: Type, reader: Reader) -> Type:
    """Check a formula over a row and tell the type of its value."""
    return reader.over(row, formula).expression(formula, at)


def _check_row_field(name: str, source: Type, at: str, findings: Findings) -> None:
    if isinstance(reached := follow(source.element, "item", name.split(".")), Fault):
        hint = findings.suggest(name, source.element.fields) or f"It has: {', '.join(reached.holder.fields)}."
        findings.add(at, "unknown_field", f"{source.noun or 'The list'} has no field `{name[:40]}`.", hint)
