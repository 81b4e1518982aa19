"""Calls with an idempotency key (RUN-05): the scope of a key is the tenant, the principal and the tool.

The key is an argument and not metadata, since it is the model that knows whether it repeats a call.
"""

from __future__ import annotations

from typing import Any

from apps_engine.language.jsontext import dumps, loads
from decommerce.idempotency.service import Answer, answer_of, keep_answer, write_of
from decommerce.tenancy.principal import Principal
from mcp_gateway.arguments import Arguments
from mcp_gateway.tools import Tool


def call_once(tool: Tool, principal: Principal, given: Arguments) -> tuple[dict[str, Any], bool]:
    """What the tool answers, and whether it was answered before. Needs the tenant's scope; raises PlatformError."""
    if given.key is None:
        return tool.call(principal, given.own), False
    principal.require(tool.scope)
    canonical = dumps(tool.parse(given.own).model_dump(mode="json"), sort_keys=True)
    write = write_of(principal, f"tool {tool.name}", given.key, canonical)
    kept = answer_of(write)
    if kept is not None:
        return loads(kept.body), True
    result = tool.call(principal, given.own)
    keep_answer(write, Answer(dumps(result)))
    return result, False
