"""Refusing what a connector does not declare, at the last moment (PIP-02).

Validation refuses it first; a definition that was stored before the declaration changed meets the same refusal here.
"""

from __future__ import annotations

from apps_engine.language.catalogue import ConnectorSpec
from apps_engine.language.predicates import Compare
from apps_engine.language.suggestions import did_you_mean
from apps_engine.registry import registry
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.ports import Query


def declared(name: str) -> ConnectorSpec:
    """The declaration of the connector of that name; raises StepError."""
    found = registry.catalogue.connectors.get(name)
    if found is None:
        hint = did_you_mean(name, registry.connectors)
        raise StepError(f"There is no connector `{name[:40]}`.", code="unknown_connector", hint=hint)
    return found


def refuse_undeclared(query: Query, compared: tuple[Compare, ...], spec: ConnectorSpec) -> None:
    """Raise StepError for a field, an order or an operator that the connector does not have."""
    for name in (*query.fields, *(term.removeprefix("-") for term in query.order_by), *(c.field for c in compared)):
        _refuse_unknown(name, spec)
    for term in query.order_by:
        if term.removeprefix("-") not in spec.orderings:
            message = f"{spec.noun} cannot be ordered by `{term.removeprefix('-')}`."
            raise StepError(message, code="not_orderable", hint=f"Possible: {', '.join(sorted(spec.orderings))}.")
    for compare in compared:
        admitted = spec.operators.get(compare.field, frozenset())
        if compare.operator not in admitted:
            message = f"`{compare.field}` of {spec.noun} cannot be compared by `{compare.operator}`."
            raise StepError(message, code="operator_not_admitted", hint=f"Possible: {', '.join(sorted(admitted))}.")


def _refuse_unknown(name: str, spec: ConnectorSpec) -> None:
    if spec.field(name) is None:
        names = [field.name for field in spec.fields]
        hint = did_you_mean(name, names) or f"It has: {', '.join(names)}."
        raise StepError(f"{spec.noun} has no field `{name[:40]}`.", code="unknown_field", hint=hint)
