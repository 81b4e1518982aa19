"""What the beginning of an argument may become: names of apps, slugs of ready-made ones."""

from __future__ import annotations

from collections.abc import Iterable

from mcp.types import CompleteRequestParams, Completion, PromptReference

from apps_engine.services.apps import list_apps
from apps_engine.starters import STARTERS
from decommerce.tenancy.principal import Principal
from mcp_gateway.prompts import APP as APP_ARGUMENT
from mcp_gateway.templates import APP, STARTER
from mcp_gateway.threads import in_own_tenant

# The most that the protocol allows in one answer.
MOST_VALUES = 100


async def complete(principal: Principal, params: CompleteRequestParams) -> Completion:
    """The values that begin so; none for what cannot be completed, and for who may not see apps."""
    begun = params.argument.value
    if not isinstance(params.ref, PromptReference) and params.ref.uri == STARTER:
        return _beginning(begun, STARTERS)
    names_app = (
        params.argument.name == APP_ARGUMENT if isinstance(params.ref, PromptReference) else params.ref.uri == APP
    )
    if names_app and principal.may("apps:read"):
        return _beginning(begun, await in_own_tenant(principal, _names, principal))
    return Completion(values=[])


def _names(principal: Principal) -> list[str]:
    return list(list_apps(principal).values_list("name", flat=True))


def _beginning(begun: str, values: Iterable[str]) -> Completion:
    found = sorted(value for value in values if value.casefold().startswith(begun.casefold()))
    return Completion(values=found[:MOST_VALUES], total=len(found), has_more=len(found) > MOST_VALUES)
