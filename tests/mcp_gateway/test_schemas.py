"""What tools declare holds in itself, also once the OpenAPI document was made of the same shapes (MCP-02)."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from apps_engine.api.views.openapi import openapi_document
from mcp_gateway.answering import declaration_of
from mcp_gateway.tools import TOOLS
from tests.apps_engine.api.definitions import short_list
from tests.environment import REPOSITORY

pytestmark = pytest.mark.requirement("MCP-02")

PAGE = REPOSITORY / "docs" / "agents.md"
PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS, KEY = "http://127.0.0.1:8000/mcp", "dk_..."


def references(schema: Any) -> Iterator[str]:
    """Every reference of a schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from references(item)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from references(value)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_reference_of_a_tools_schemas_leads_to_a_place_in_them(tool):
    openapi_document()
    declared = declaration_of(tool)
    for schema in (declared.input_schema, declared.output_schema):
        Draft202012Validator.check_schema(schema)
        resolver = Registry().resolver_with_root(DRAFT202012.create_resource(schema))
        for reference in references(schema):
            resolver.lookup(reference)


def test_the_documented_program_lists_apps_after_somebody_asked_for_the_openapi_document(agent, server):
    agent.result("create_app", definition=short_list())
    urllib.request.urlopen(f"{server.url}/api/v1/openapi.json", timeout=60).close()
    program = PROGRAM.findall(PAGE.read_text())[0]
    assert ADDRESS in program
    assert KEY in program
    program = program.replace(ADDRESS, server.mcp_url).replace(KEY, agent.secret)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "Short list" in done.stdout, done.stderr
