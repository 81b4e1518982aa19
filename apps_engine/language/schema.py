"""The published JSON Schema of a definition, built from the catalogue: an editor and a model see what there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps_engine.language.authoring import TEMPLATE, authoring_schema
from apps_engine.language.catalogue import ActionSpec, Catalogue, ConnectorSpec
from apps_engine.language.shape import ARM, DEFINITION, FLOW, NAME, RESPONSE, STATES, STEPS, Schema, texts
from apps_engine.language.shape_triggers import TRIGGERS
from apps_engine.language.transforms import TRANSFORMS, TransformSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Two actions of the same name get one with two underscores and a number, for validation to report.
_FLOW_NAME = {**NAME, "not": {"pattern": "__[0-9]+$"}}

_STEPS_REF = {"$ref": "#/$defs/steps"}


def definition_schema(catalogue: Catalogue) -> dict[str, Any]:
    """The schema (draft 2020-12) of a canonical definition that names only what the catalogue has."""
    flow = {"$ref": "#/$defs/flow"}
    flows = {"type": "object", "minProperties": 1, "propertyNames": _FLOW_NAME, "additionalProperties": flow}
    triggers = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/trigger"}}
    states = {"anyOf": [STATES, {"type": "null"}]}
    return {
        "$schema": DIALECT,
        "title": "App definition",
        **_with(DEFINITION, triggers=triggers, flows=flows, states=states),
        "$defs": {
            "template": TEMPLATE,
            "flow": _with(FLOW, steps=_STEPS_REF, response=RESPONSE),
            "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
            "step": _chosen("Exactly one kind of step, told by its key.", _steps(catalogue)),
            "trigger": _triggers(catalogue),
        },
    }


def _with(schema: Schema, **properties: Any) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], **properties}}


def _chosen(description: str, kinds: Mapping[str, Schema]) -> dict[str, Any]:
    """The schema of the one kind whose key the object has. Each kind refuses the keys of the others."""
    choices = [{"if": {"required": [kind]}, "then": schema} for kind, schema in kinds.items()]
    return {
        "type": "object",
        "description": description,
        "anyOf": [{"required": [kind]} for kind in kinds],
        "allOf": choices,
    }


def _steps(catalogue: Catalogue) -> dict[str, Schema]:
    arms = {"type": "array", "minItems": 1, "items": _with(ARM, steps=_STEPS_REF)}
    return {
        **STEPS,
        "fetch": _fetch(catalogue.connectors.values()),
        "transform": _transform(),
        "act": _act(catalogue.actions.values()),
        "branch": _with(STEPS["branch"], branch=arms),
        "each": _with(STEPS["each"], steps=_STEPS_REF),
    }


def _fetch(connectors: Iterable[ConnectorSpec]) -> dict[str, Any]:
    known = sorted(connectors, key=lambda connector: connector.name)
    names = _names((connector.name, connector.summary) for connector in known)
    cases = [_case("fetch", connector.name, _fetch_of(connector)) for connector in known]
    return {**_with(STEPS["fetch"], fetch=names), "allOf": cases}


def _fetch_of(connector: ConnectorSpec) -> dict[str, Any]:
    """What a fetch from this connector may name."""
    fields = {"enum": [field.name for field in connector.fields]}
    orderings = [prefix + name for name in sorted(connector.orderings) for prefix in ("", "-")]
    about = "; ".join(f"{field.name}: {field.summary or field.type}" for field in connector.fields)
    return {
        "properties": {
            "fields": {**texts(f"Fields of {connector.noun}: {about}."), "items": fields},
            "order_by": {**texts("Fields to order by; a minus means descending."), "items": {"enum": orderings}},
        }
    }


def _transform() -> dict[str, Any]:
    names = _names((spec.name, spec.summary) for spec in TRANSFORMS.values())
    cases = [_case("transform", spec.name, _transform_of(spec)) for spec in TRANSFORMS.values()]
    return {**_with(STEPS["transform"], transform=names), "allOf": cases}


def _transform_of(spec: TransformSpec) -> dict[str, Any]:
    """What a step of this transform holds."""
    params = {"params": authoring_schema(spec.params)}
    needed = ["params"] if spec.params.get("required") else []
    if spec.takes_rows:
        return {"properties": params, "required": ["from", *needed]}
    return {"properties": {**params, "from": False}, "required": needed}


def _act(actions: Iterable[ActionSpec]) -> dict[str, Any]:
    known = sorted(actions, key=lambda action: action.name)
    names = _names((action.name, action.summary) for action in known)
    cases = [_case("act", action.name, _act_of(action)) for action in known]
    return {**_with(STEPS["act"], act=names), "allOf": cases}


def _act_of(action: ActionSpec) -> dict[str, Any]:
    """What a step of this action holds; without a required parameter it needs none."""
    needed = {"required": ["params"]} if action.params.get("required") else {}
    return {"properties": {"params": authoring_schema(action.params)}, **needed}


def _triggers(catalogue: Catalogue) -> dict[str, Any]:
    platform = _names((event.name, event.summary) for event in catalogue.events.values())
    declared = {
        "type": "string",
        "minLength": 1,
        "description": "An event of another app, named in `permissions.subscribes`.",
    }
    events = {"anyOf": [platform, declared]}
    named = {
        kind: _with(schema, event=events) if "event" in schema["properties"] else schema
        for kind, schema in TRIGGERS.items()
    }
    return {
        "type": "object",
        "properties": {"type": {"enum": list(TRIGGERS)}},
        "required": ["type"],
        "allOf": [_case("type", kind, schema) for kind, schema in named.items()],
    }


def _names(known: Iterable[tuple[str, str]]) -> dict[str, Any]:
    pairs = list(known)
    return {"enum": [name for name, _ in pairs], "description": "; ".join(f"{name}: {text}" for name, text in pairs)}


def _case(key: str, value: str, then: Schema) -> dict[str, Any]:
    return {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": then}
