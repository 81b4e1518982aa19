"""What an agent reads: the schema of definitions, what they are made of, ready-made apps, an app, a run (MCP-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, Resource, TextResourceContents

from apps_engine.api.building_blocks import building_blocks
from apps_engine.language.catalogue import FieldType
from apps_engine.language.jsontext import dumps
from apps_engine.language.limits import LIMITS, PROFILES, STEP_KINDS, TRIGGER_TYPES
from apps_engine.language.problems import Severity
from apps_engine.language.schema import definition_schema
from apps_engine.registry import registry
from apps_engine.services.starters import starter_as_dict
from apps_engine.starters import STARTERS
from apps_engine.store.models import App, Decision, Execution
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import SCOPES, Principal
from mcp_gateway.templates import template_text
from mcp_gateway.threads import in_own_tenant, in_own_thread

JSON = "application/json"


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


def _blocks(kind: str) -> Callable[[], Any]:
    return lambda: {kind: building_blocks()[kind]}


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
        "decommerce://connectors",
        "connectors",
        "Connectors",
        "What a definition may read: each connector's fields, with the operators and the orders of each.",
        _blocks("connectors"),
    ),
    PlatformResource(
        "decommerce://actions",
        "actions",
        "Actions",
        "What a definition may do: each action's parameters and its result.",
        _blocks("actions"),
    ),
    PlatformResource(
        "decommerce://transforms",
        "transforms",
        "Transforms",
        "How a definition reshapes what it read.",
        _blocks("transforms"),
    ),
    PlatformResource(
        "decommerce://filters",
        "filters",
        "Template filters",
        "What may follow a | in a placeholder, with arguments and examples.",
        _blocks("filters"),
    ),
    PlatformResource(
        "decommerce://events",
        "events",
        "Events",
        "The platform's events: when each happens, the schema of its data, and a sample.",
        _blocks("events"),
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


BY_ADDRESS = {resource.uri: resource for resource in RESOURCES}


@cache
def resource_text(uri: str) -> str:
    """The JSON text of a resource, made once; raises KeyError for an address that is none."""
    return dumps(BY_ADDRESS[uri].read())


async def read(principal: Principal, uri: str) -> TextResourceContents | None:
    """The document at an address; None where there is none, be it because it is another community's."""
    if uri in BY_ADDRESS:
        return _document(uri, await in_own_thread(resource_text, uri))
    try:
        return _document(uri, await in_own_tenant(principal, template_text, principal, uri))
    except (KeyError, NotFound):
        return None
    except PlatformError as error:
        raise MCPError(INVALID_PARAMS, error.message, error.as_dict()) from error


def _document(uri: str, text: str) -> TextResourceContents:
    return TextResourceContents(uri=uri, mime_type=JSON, text=text)


LISTED = tuple(
    Resource(uri=row.uri, name=row.name, title=row.title, description=row.description, mime_type=JSON)
    for row in RESOURCES
)
