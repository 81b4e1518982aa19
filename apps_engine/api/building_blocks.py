"""What definitions are made of, from the declarations: connectors, actions, events, transforms, filters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps_engine.language.catalogue import ActionSpec, ConnectorSpec, EventSpec
from apps_engine.language.deprecations import Stage
from apps_engine.language.filters import FILTERS
from apps_engine.language.filters.record import Filter
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.record import TransformSpec
from apps_engine.registry import registry


def building_blocks() -> dict[str, list[dict[str, Any]]]:
    """Every building block as JSON, by kind, in the order of registration; what is on its way out says so."""
    catalogue = registry.catalogue
    return {
        "connectors": [_connector(spec) for spec in catalogue.connectors.values()],
        "actions": [_action(spec) for spec in catalogue.actions.values()],
        "events": [_event(spec) for spec in catalogue.events.values()],
        "transforms": [_transform(spec) for spec in TRANSFORMS.values()],
        "filters": [_filter(spec) for spec in FILTERS.values()],
    }


def _deprecated(name: str) -> dict[str, Any]:
    known = registry.deprecations.get(name)
    if known is None:
        return {}
    ends = known.reaches(Stage.REMOVED).isoformat()
    return {"deprecated": {"since": known.announced.isoformat(), "until": ends, "replacement": known.replacement}}


def _connector(spec: ConnectorSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        **_deprecated(spec.name),
        "summary": spec.summary,
        "max_rows": spec.max_rows,
        "fields": [{**asdict(field), "operators": sorted(spec.operators.get(field.name, ()))} for field in spec.fields],
        "orderings": sorted(spec.orderings),
    }


def _action(spec: ActionSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        **_deprecated(spec.name),
        "summary": spec.summary,
        "params": spec.params,
        "result": [asdict(field) for field in spec.result],
        "local": spec.local,
        "writes": spec.writes,
        "sends": spec.sends,
        "emits": spec.emits,
        "spends": spec.spends,
    }


def _event(spec: EventSpec) -> dict[str, Any]:
    return {"name": spec.name, "summary": spec.summary, "payload": spec.payload, "sample": spec.sample}


def _transform(spec: TransformSpec) -> dict[str, Any]:
    return {"name": spec.name, **_deprecated(spec.name), "summary": spec.summary, "params": spec.params}


def _filter(spec: Filter) -> dict[str, Any]:
    template, scope, result = spec.example
    return {
        "name": spec.name,
        "group": spec.group,
        "summary": spec.summary,
        "arguments": [argument.name for argument in spec.arguments],
        "example": {"template": template, "scope": scope, "result": result},
    }
