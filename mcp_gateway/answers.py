"""Results and errors in the shape of the protocol. Errors reach the model as results, so that it can put them right."""

from __future__ import annotations

import json
from typing import Any

from mcp.types import CallToolResult, TextContent

from apps_engine.language.errors import LanguageError
from apps_engine.language.jsontext import dumps
from decommerce.tenancy.errors import PlatformError

INTERNAL = {
    "code": "internal_error",
    "message": "The platform failed; its operators can read why in the log.",
    "hint": "Try once more; if it fails again, tell an admin the time.",
    "retryable": True,
}


# In the metadata of an answer that was given before.
REPLAYED = "decommerce/replayed"


def success(result: dict[str, Any], *, replayed: bool = False) -> CallToolResult:
    """The result, as text digit for digit and as structured content."""
    return _answer(result, is_error=False, meta={REPLAYED: True} if replayed else None)


def failure(error: PlatformError | LanguageError) -> CallToolResult:
    """The error with its code, what to do, and every problem with its path."""
    if isinstance(error, LanguageError):
        error = PlatformError(error.message, hint=error.hint, code=error.code)
    return _answer(error.as_dict(), is_error=True)


def crash() -> CallToolResult:
    """What an agent learns of a fault of the platform: that there was one."""
    return _answer(INTERNAL, is_error=True)


def _answer(content: dict[str, Any], *, is_error: bool, meta: dict[str, Any] | None = None) -> CallToolResult:
    text = dumps(content)
    # The SDK would write a Decimal as text; in structured content a number stays a number.
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=json.loads(text),
        is_error=is_error,
        meta=meta,
    )
