"""What an agent reads before it writes an app: the schema of definitions, building blocks, events, enums (MCP-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from apps_engine.api.building_blocks import building_blocks
from apps_engine.language.catalogue import FieldType
from apps_engine.language.jsontext import dumps
from apps_engine.language.limits import LIMITS, PROFILES, STEP_KINDS, TRIGGER_TYPES
from apps_engine.language.problems import Severity
from apps_engine.language.schema import definition_schema
from apps_engine.registry import registry
from apps_engine.services.starters import definition_with, starter_as_dict
from apps_engine.starters import STARTERS, defaults
from apps_engine.store.models import App, Decision, Execution
from decommerce.tenancy.principal import SCOPES


@dataclass(frozen=True, slots=True)
class PlatformResource:
    """A JSON document that is the same for every tenant and as long as the process lives; `read` gives its values."""

    uri: str
    name: str
    title: str
    description: str
    read: Callable[[], Any]


def _schema() -> Any:
    return definition_schema(registry.catalogue)


def _building_blocks() -> Any:
    return {name: part for name, part in building_blocks().items() if name != "events"}


def _events() -> Any:
    return {"events": building_blocks()["events"]}


def _enums() -> Any:
    return {
        "app_status": App.Status.values,
        "run_state": Execution.State.values,
        "decision_outcome": Decision.Outcome.values,
        "field_type": list(FieldType),
        "severity": list(Severity),
        "step_kind": STEP_KINDS,
        "trigger_type": TRIGGER_TYPES,
        "profile": PROFILES,
        "scope": SCOPES,
        "limits": {name: {profile: limit.most(profile) for profile in PROFILES} for name, limit in LIMITS.items()},
    }


def _starters() -> Any:
    return {
        "starters": [
            {
                **starter_as_dict(starter),
                "synonyms": starter.synonyms,
                "parameters": starter.schema_of_parameters()["properties"],
            }
            for starter in STARTERS.values()
        ]
    }


def _starter(slug: str) -> Any:
    starter = STARTERS[slug]
    return {
        **starter_as_dict(starter),
        "description": starter.description,
        "parameters": starter.schema_of_parameters(),
        "definition": definition_with(starter, defaults(starter)),
    }


RESOURCES = (
    PlatformResource(
        "decommerce://schema/definition",
        "definition_schema",
        "Schema of an app's definition",
        "The JSON Schema that every definition must fit, built from the building blocks that exist here.",
        _schema,
    ),
    PlatformResource(
        "decommerce://building-blocks",
        "building_blocks",
        "Building blocks",
        "Connectors with their fields and filters, actions with their parameters, transforms and template filters.",
        _building_blocks,
    ),
    PlatformResource(
        "decommerce://events",
        "events",
        "Events",
        "The platform's events: when each happens, the schema of its data, and a sample.",
        _events,
    ),
    PlatformResource(
        "decommerce://enums",
        "enums",
        "Enums and limits",
        "The values that fields of the platform can have, and the limits of an app by its profile.",
        _enums,
    ),
    PlatformResource(
        "decommerce://starters",
        "starters",
        "Ready-made apps",
        "Every app that is ready to be filled in, with its parameters and the words it is found by.",
        _starters,
    ),
)


STARTER = "decommerce://starters/{slug}"
_STARTER = STARTER.removesuffix("{slug}")


BY_ADDRESS = {resource.uri: resource for resource in RESOURCES}


@cache
def resource_text(uri: str) -> str:
    """The JSON text of a resource, made once; raises KeyError for an address that is none."""
    if uri.startswith(_STARTER):
        return dumps(_starter(uri.removeprefix(_STARTER)))
    return dumps(BY_ADDRESS[uri].read())
