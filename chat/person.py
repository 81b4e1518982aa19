"""The person behind a principal: the chat is for people, not for keys or apps."""

from __future__ import annotations

from decommerce.tenancy.principal import PermissionRefused, Principal


def person_id(principal: Principal) -> int:
    """The id of the signed-in person; raises PermissionRefused for anything else that acts."""
    if principal.kind != "user" or principal.id is None:
        raise PermissionRefused("The chat is for people.", hint="Use the REST API or MCP with this key.")
    return principal.id
