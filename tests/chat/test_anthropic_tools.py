"""Tools as the provider takes them: strict as far as it can hold a model to them."""

from __future__ import annotations

import pytest

from chat.model.anthropic_tools import tools_of
from chat.model.port import ToolSpec
from chat.toolbox import Toolbox
from decommerce.tenancy.principal import system_principal
from mcp_gateway.tools import TOOLS
from tests.anthropic_rules import refusal_of

TEXT = {"type": "string"}
HELLO = [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]


def closed(**properties) -> dict:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def declared(schema: dict, *, changes: bool = False, count: int = 1) -> list[dict]:
    return tools_of([ToolSpec(f"tool_{number}", "It does.", schema, changes) for number in range(count)])


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (closed(a=TEXT), True),
        (closed(a={"type": "array", "items": {"enum": ["a"]}}), True),
        ({"type": "object", "properties": {"a": TEXT}}, False),
        (closed(a={"type": "object"}), False),
        (closed(a={}), False),
        (closed(a={"anyOf": [{"type": "integer"}, {"type": "object"}]}), False),
        (closed(a={"type": "array", "items": {"type": "object"}}), False),
    ],
)
def test_only_a_closed_schema_is_strict(schema, strict):
    (tool,) = declared(schema)
    assert tool.get("strict", False) is strict
    assert strict or tool["input_schema"] == schema


def test_what_a_strict_schema_cannot_say_is_told_and_what_has_a_default_is_to_be_said():
    (tool,) = declared(closed(limit={"type": "integer", "minimum": 1, "default": 20}, cursor=TEXT))
    schema = tool["input_schema"]
    assert schema["required"] == ["limit"]
    assert set(schema["properties"]["limit"]) == {"type", "description"}
    assert "minimum: 1" in schema["properties"]["limit"]["description"]


def test_what_changes_something_comes_first_where_there_is_not_room_for_all():
    reads = [ToolSpec(f"read_{number}", "", closed(a=TEXT), False) for number in range(30)]
    tools = tools_of([*reads, ToolSpec("write", "", closed(a=TEXT), True)])
    assert sum(tool.get("strict", False) for tool in tools) == 20
    assert tools[-1]["strict"] is True


@pytest.mark.requirement("CHT-01")
def test_the_platforms_own_tools_are_taken_as_they_are():
    specs = Toolbox(system_principal(1, "the test")).specs()
    tools = tools_of(specs)
    assert refusal_of({"tools": tools, "messages": HELLO}) is None
    strict = {tool["name"] for tool in tools if tool.get("strict")}
    assert {"delete_app", "pause_app", "create_post", "cancel_run", "get_app_logs"} <= strict
    assert len(specs) < len(TOOLS)


def test_no_tools_means_none_declared():
    assert tools_of([]) == []
