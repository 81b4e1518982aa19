"""Idempotency keys of tools that change something: the optional argument `idempotency_key` (RUN-05).

An argument and not metadata, since it is the model that knows whether it repeats a call. The scope of a key is the
tenant, the principal and the tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.jsontext import dumps, loads
from apps_engine.language.problems import Problem
from decommerce.idempotency.models import LONGEST_KEY
from decommerce.idempotency.service import Answer, answer_of, keep_answer, write_of
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools import ArgumentsRefused, Tool

ARGUMENT = "idempotency_key"
_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_KEY,
    "description": "Optional: a UUID of your own for this change. Sent again with the same arguments within 24 hours "
    "(after a timeout, say) it changes nothing more and gives the first answer.",
}


def takes_key(tool: Tool) -> bool:
    """Whether the tool has the argument: what only reads may be repeated anyway."""
    return tool.kind != "read"


def declared_input(tool: Tool) -> dict[str, Any]:
    """The JSON Schema of the arguments, that one included."""
    schema = tool.input_schema()
    if takes_key(tool):
        schema["properties"] = {**schema.get("properties", {}), ARGUMENT: _SCHEMA}
    return schema


def call_once(tool: Tool, principal: Principal, arguments: Mapping[str, Any] | None) -> tuple[dict[str, Any], bool]:
    """What the tool answers, and whether it was answered before. Needs the tenant's scope; raises PlatformError."""
    given = dict(arguments or {})
    if not takes_key(tool) or ARGUMENT not in given:
        return tool.call(principal, arguments), False
    key = given.pop(ARGUMENT)
    if not isinstance(key, str):
        raise ArgumentsRefused([Problem(f"/{ARGUMENT}", "wrong_type", "An idempotency key is a text.", "Send a UUID.")])
    principal.require(tool.scope)
    canonical = dumps(tool.parse(given).model_dump(mode="json"), sort_keys=True)
    write = write_of(principal, f"tool {tool.name}", key, canonical)
    kept = answer_of(write)
    if kept is not None:
        return loads(kept.body), True
    result = tool.call(principal, given)
    keep_answer(write, Answer(dumps(result)))
    return result, False
