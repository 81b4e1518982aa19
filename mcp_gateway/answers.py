"""Results and errors in the shape of the protocol. Errors reach the model as results, so that it can put them right."""

from __future__ import annotations

import json
from typing import Any

from mcp.types import CallToolResult, TextContent

from apps_engine.language.errors import LanguageError
from apps_engine.language.jsontext import dumps
from apps_engine.runtime.errors import StepError
from decommerce.tenancy.errors import PlatformError
from mcp_gateway.bounds import bounded

INTERNAL: dict[str, Any] = {
    "code": "internal_error",
    "message": "The platform failed; its operators can read why in the log.",
    "hint": "Try once more; if it fails again, tell an admin the time.",
    "retryable": True,
}
# In the metadata of an answer that was given before.
REPLAYED = "decommerce/replayed"


def described(error: PlatformError | LanguageError | StepError) -> dict[str, Any]:
    """An error with its code, what to do, and every problem with its path."""
    if isinstance(error, LanguageError):
        error = PlatformError(error.message, hint=error.hint, code=error.code)
    return dict(error.as_dict())


def answer(content: dict[str, Any], *, failed: bool = False, replayed: bool = False) -> CallToolResult:
    """A result or an error, bounded, as text digit for digit and as structured content."""
    text = dumps(bounded(content))
    # The SDK would write a Decimal as text; in structured content a number stays a number.
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=json.loads(text),
        is_error=failed,
        meta={REPLAYED: True} if replayed else None,
    )
