"""What every tool takes over MCP besides its own arguments: a key against doing a thing twice, a time to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.language.problems import Problem
from decommerce.idempotency.models import LONGEST_KEY
from mcp_gateway.tools import ArgumentsRefused, Tool

KEY, WAIT = "idempotency_key", "wait_seconds"
LONGEST_WAIT_SECONDS = 120
_KEY_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_KEY,
    "description": "A UUID of yours: the same call again within 24 hours changes nothing and gets the first answer.",
}
_WAIT_SCHEMA = {
    "type": "integer",
    "minimum": 0,
    "maximum": LONGEST_WAIT_SECONDS,
    "default": 0,
    "description": "Seconds to wait for the run's end, with progress; 0 answers at once with its number.",
}


@dataclass(frozen=True, slots=True)
class Arguments:
    """The tool's own arguments, and those of every tool."""

    own: Mapping[str, Any]
    key: str | None = None
    wait_seconds: int = 0


def declared_input(tool: Tool) -> dict[str, Any]:
    """The JSON Schema of all arguments. What only reads may be repeated anyway, so it takes no key."""
    schema = tool.input_schema()
    more = {
        **({KEY: _KEY_SCHEMA} if tool.kind != "read" else {}),
        **({WAIT: _WAIT_SCHEMA} if tool.starts_run else {}),
    }
    return {**schema, "properties": {**schema.get("properties", {}), **more}}


def arguments_of(tool: Tool, given: Mapping[str, Any] | None) -> Arguments:
    """The arguments of one call told apart; raises ArgumentsRefused for those of every tool."""
    own = dict(given or {})
    key = own.pop(KEY, None) if tool.kind != "read" else None
    wait = own.pop(WAIT, 0) if tool.starts_run else 0
    problems = []
    if key is not None and not isinstance(key, str):
        problems.append(Problem(f"/{KEY}", "wrong_type", "An idempotency key is a text.", "Send a UUID."))
    if type(wait) is not int or not 0 <= wait <= LONGEST_WAIT_SECONDS:
        message = f"One may wait for 0 to {LONGEST_WAIT_SECONDS} seconds."
        problems.append(Problem(f"/{WAIT}", "out_of_range", message, "Ask for the run later by its number."))
    if problems:
        raise ArgumentsRefused(problems)
    return Arguments(own, key, wait)
