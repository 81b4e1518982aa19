"""Resources whose address has a part to be filled in: a ready-made app, an app of the community, a run (MCP-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mcp.types import ResourceTemplate

from apps_engine.language.jsontext import dumps
from apps_engine.services.apps import get_app
from apps_engine.services.presentation import app_in_full, run_as_dict
from apps_engine.services.runs import get_run
from apps_engine.services.starters import definition_with, starter_as_dict
from apps_engine.starters import STARTERS, defaults
from decommerce.tenancy.principal import Principal
from mcp_gateway.bounds import bounded

LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Template:
    """One shape of addresses; `read` gives the values of one, or raises KeyError or NotFound."""

    uri: str
    name: str
    title: str
    description: str
    read: Callable[[Principal, str], Any]

    def part(self, uri: str) -> str | None:
        """What is filled in at an address of this shape."""
        prefix, _, _ = self.uri.partition("{")
        return unquote(uri.removeprefix(prefix)) if uri.startswith(prefix) else None

    def listed(self) -> ResourceTemplate:
        """The shape as a client is told of it."""
        return ResourceTemplate(
            uri_template=self.uri,
            name=self.name,
            title=self.title,
            description=self.description,
            mime_type="application/json",
        )


def _starter(_: Principal, slug: str) -> Any:
    starter = STARTERS[slug]
    return {
        **starter_as_dict(starter),
        "description": starter.description,
        "parameters": starter.schema_of_parameters(),
        "definition": definition_with(starter, defaults(starter)),
    }


def _app(principal: Principal, reference: str) -> Any:
    return app_in_full(get_app(principal, reference))


def _run(principal: Principal, number: str) -> Any:
    if not number.isdecimal() or len(number) > LONGEST_NUMBER:
        raise KeyError(number)
    return run_as_dict(get_run(principal, int(number)), principal)


STARTER, APP, RUN = "decommerce://starters/{slug}", "decommerce://apps/{app}", "decommerce://runs/{run}"
TEMPLATES = (
    Template(
        STARTER,
        "starter",
        "A ready-made app",
        "One ready-made app: the schema of its parameters, and its definition with every default.",
        _starter,
    ),
    Template(
        APP,
        "app",
        "An app",
        "One app of the community by its number or its exact name: definition, plain words, status, next runs.",
        _app,
    ),
    Template(RUN, "run", "A run", "One run by its number, with what each step saw and did.", _run),
)
LISTED_TEMPLATES = tuple(template.listed() for template in TEMPLATES)


def template_text(principal: Principal, uri: str) -> str:
    """The JSON text of what is at an address; raises KeyError, and NotFound or PermissionRefused."""
    for template in TEMPLATES:
        part = template.part(uri)
        if part is not None:
            return dumps(bounded(template.read(principal, part)))
    raise KeyError(uri)
