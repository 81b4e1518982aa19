"""Arguments that several tools share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_gateway.tools.cursors import LONGEST
from mcp_gateway.tools.tool import ToolInput

AppReference = Annotated[int | str, Field(description="The app's number or its exact name.")]
Definition = Annotated[
    dict[str, Any] | str,
    Field(description="The definition as a JSON object, or as JSON text. Its shape: decommerce://schema/definition."),
]
Inputs = Annotated[dict[str, Any], Field(description="The inputs of the run, as the app declares them.")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most, newest first.")]
Cursor = Annotated[
    str | None, Field(max_length=LONGEST, description="next_cursor of the page before, with the same other arguments.")
]

# The smallest definition that does something, for examples.
SMALL: dict[str, Any] = {"name": "Count members", "trigger": {"type": "manual"}, "pipeline": [{"fetch": "users"}]}


class AppInput(ToolInput):
    """One app."""

    app: AppReference


class DefinitionInput(ToolInput):
    """One definition."""

    definition: Definition
