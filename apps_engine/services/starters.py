"""Ready-made apps: find one, fill in its parameters, see what it would do, make an app of it (APP-09).

REST, MCP, the shell, the chat and the gallery all come in here; `create_app` stores what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Model

from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem
from apps_engine.language.suggestions import did_you_mean
from apps_engine.services.apps import LIVING, create_app
from apps_engine.services.definitions import Checked, check
from apps_engine.services.dry_run import MOST_SECONDS, DryRun, dry_run
from apps_engine.services.errors import ParametersRefused, StarterNotFound
from apps_engine.starters import STARTERS, Starter, defaults, faults, filled, search
from apps_engine.store.models import App, AppVersion, EventInbox
from decommerce.community.models import Member, Mission, Reward, Room
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal

# The tag by which an app tells which starter it came from.
ORIGIN = "starter:"
# How far back a rehearsal looks for an event that would start the app.
EVENTS_TRIED = 10
# What a parameter of that format names.
_ROWS: Mapping[str, type[Model]] = {"room": Room, "member": Member, "mission": Mission, "reward": Reward}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a starter would become: the parameters with their faults and, without any, the checked definition."""

    starter: Starter
    parameters: Mapping[str, Any]
    faults: Sequence[Problem]
    definition: dict[str, Any] | None = None
    checked: Checked | None = None

    @property
    def valid(self) -> bool:
        """Whether an app can be made of it."""
        return self.checked is not None and self.checked.valid

    def as_dict(self) -> dict[str, Any]:
        """The preview as JSON. The paths of `problems` lead into `parameters`, or else into `definition`."""
        checked = self.checked.as_dict() if self.checked else {"problems": [], "report": None, "sentences": []}
        return {
            **checked,
            "valid": self.valid,
            "problems": [*(fault.as_dict() for fault in self.faults), *checked["problems"]],
            "parameters": dict(self.parameters),
            "definition": self.definition,
        }


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A dry run. `event` is what started it, if anything, and `happened_at` when that was; None for an example."""

    tried: DryRun
    event: str | None
    happened_at: datetime | None = None


def list_starters(principal: Principal, *, words: str = "", category: str | None = None) -> list[Starter]:
    """The starters of a category or of all, those that fit the words first."""
    principal.require("apps:read")
    return [starter for starter in search(words) if category in (None, starter.category)]


def get_starter(principal: Principal, slug: str) -> Starter:
    """One starter; raises StarterNotFound."""
    principal.require("apps:read")
    starter = STARTERS.get(slug)
    if starter is None:
        hint = did_you_mean(slug, STARTERS) or "List the starters to see their short names."
        raise StarterNotFound(f"There is no ready-made app “{slug}”.", hint=hint)
    return starter


def default_parameters(principal: Principal, starter: Starter) -> dict[str, Any]:
    """Every parameter's default; the time zone is the community's."""
    return defaults(starter, Tenant.objects.get(pk=principal.tenant_id).timezone)


def preview(principal: Principal, slug: str, parameters: Mapping[str, Any] | None = None) -> Preview:
    """The definition that these parameters make, with every problem and what it would do in plain words."""
    starter = get_starter(principal, slug)
    values = {**default_parameters(principal, starter), **(parameters or {})}
    found = faults(starter, values)
    found += () if found else _missing_rows(starter, values)
    if found:
        return Preview(starter, values, found)
    definition = definition_with(starter, values)
    return Preview(starter, values, (), definition, check(principal, definition))


def definition_of(
    principal: Principal, slug: str, parameters: Mapping[str, Any] | None = None, *, name: str | None = None
) -> dict[str, Any]:
    """The definition that these parameters make; raises StarterNotFound or ParametersRefused with every fault."""
    made = preview(principal, slug, parameters)
    if made.definition is None:
        raise ParametersRefused(made.faults)
    return made.definition if name is None else {**made.definition, "name": name}


def create_app_from(
    principal: Principal, slug: str, parameters: Mapping[str, Any] | None = None, *, name: str | None = None
) -> App:
    """Make an app of a starter, under its own name or another; raises what `definition_of` and `create_app` raise."""
    principal.require("apps:write")
    return create_app(principal, definition_of(principal, slug, parameters, name=name))


def made_of(principal: Principal, slug: str) -> list[App]:
    """The living apps that were made of a starter and still say so, newest first."""
    principal.require("apps:read")
    tagged = AppVersion.objects.filter(
        app__status__in=LIVING, number=F("app__version_number"), definition__tags__contains=[f"{ORIGIN}{slug}"]
    )
    return [version.app for version in tagged.select_related("app").order_by("-app_id")]


def rehearse(principal: Principal, slug: str, parameters: Mapping[str, Any] | None = None) -> Rehearsal:
    """What an app of these parameters would do now; raises what `definition_of` and `dry_run` raise.

    Where it waits for an event, the latest that would start it is played again; without any, the catalogue's sample.
    """
    return rehearse_definition(principal, definition_of(principal, slug, parameters))


def rehearse_definition(
    principal: Principal, definition: dict[str, Any], *, most_seconds: int = MOST_SECONDS
) -> Rehearsal:
    """The same of a definition that is stored nowhere; raises what `dry_run` raises."""
    event = definition["triggers"][0].get("event")
    latest = EventInbox.objects.filter(type=event).order_by("-pk") if event else EventInbox.objects.none()
    for row in latest[:EVENTS_TRIED]:
        tried = dry_run(principal, definition, event=row.data, most_seconds=most_seconds)
        if tried.would_run:
            return Rehearsal(tried, event, row.time)
    return Rehearsal(dry_run(principal, definition, most_seconds=most_seconds), event)


def starter_as_dict(starter: Starter) -> dict[str, Any]:
    """A starter in a list."""
    return {
        "slug": starter.slug,
        "category": starter.category,
        "name": starter.name,
        "summary": starter.summary,
        "icon": starter.icon,
    }


def starter_in_full(principal: Principal, starter: Starter) -> dict[str, Any]:
    """A starter with its parameters and what it does, as long as nobody chooses otherwise."""
    made = preview(principal, starter.slug)
    return {
        **starter_as_dict(starter),
        "description": starter.description,
        "parameters": starter.schema_of_parameters(),
        "defaults": dict(made.parameters),
        "definition": made.definition,
        "sentences": list(made.checked.sentences) if made.checked else [],
    }


def definition_with(starter: Starter, values: Mapping[str, Any]) -> dict[str, Any]:
    """The definition that sound values make: with the starter's name, summary and icon, and the tag of its origin."""
    definition: dict[str, Any] = filled(starter.definition, values)
    described = {"name": starter.name, "description": starter.summary, "icon": starter.icon}
    return {**described, **definition, "tags": [*definition.get("tags", ()), f"{ORIGIN}{starter.slug}"]}


def _missing_rows(starter: Starter, values: Mapping[str, Any]) -> Iterator[Problem]:
    """A room, member, mission or reward that was chosen has to be there: in this tenant."""
    for name, parameter in starter.parameters.properties.items():
        model = _ROWS.get(parameter.format or "")
        if model is None or values[name] is None:
            continue
        if not model._default_manager.filter(pk=values[name]).exists():
            message = f"There is no {parameter.format} with the number {values[name]}."
            yield Problem(join("", name), "not_found", message, f"Choose another {parameter.format}.")
