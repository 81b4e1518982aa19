"""What surrounds the body of a tool."""

from __future__ import annotations

import logging
from typing import Any

import jsonschema
import pytest

from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.context import current_tenant_id, tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.keys import authenticate_key
from decommerce.tenancy.models import ApiKey, AuditEntry
from decommerce.tenancy.principal import SCOPES, Principal
from mcp_gateway.arguments import Arguments
from mcp_gateway.calls import perform
from mcp_gateway.tools import TOOLS, Tool, ToolInput

NONE = Arguments({})


class Nothing(ToolInput):
    """No arguments."""


def tool(body: Any) -> Tool:
    """A tool with this body."""
    return Tool("probe", "Probe", "A probe.", "apps:read", "write", Nothing, body, {"type": "object"})


@pytest.fixture
def caller(api_key) -> Principal:
    return authenticate_key(api_key)


def test_a_body_runs_in_the_tenants_scope_and_in_the_callers_name(caller):
    outcome = perform(
        tool(lambda _, __: {"tenant": current_tenant_id(), "by": current_cause().principal.label}), caller, NONE
    )
    assert outcome.value == {"tenant": caller.tenant_id, "by": caller.label}


def test_the_use_of_a_key_is_remembered(caller, tenant):
    perform(tool(lambda _, __: {}), caller, NONE)
    with tenant_scope(tenant.pk):
        assert ApiKey.objects.get(pk=caller.id).last_used_at is not None


def test_an_error_leaves_nothing_behind(caller, tenant):
    def body(principal: Principal, _: Nothing) -> dict:
        record_audit(principal, "probe.done", "nothing")
        raise PlatformError("No.", code="refused_late", hint="Do not.")

    outcome = perform(tool(body), caller, NONE)
    assert outcome.failed
    assert (outcome.value["code"], outcome.value["hint"]) == ("refused_late", "Do not.")
    with tenant_scope(tenant.pk):
        assert not AuditEntry.objects.filter(verb="probe.done").exists()


def test_a_fault_of_the_platform_is_logged_and_not_told(caller, caplog):
    def body(_: Principal, __: Nothing) -> dict:
        raise RuntimeError("the password is swordfish")

    with caplog.at_level(logging.ERROR):
        outcome = perform(tool(body), caller, NONE)
    assert outcome.failed
    assert outcome.value["code"] == "internal_error"
    assert "swordfish" not in str(outcome.value)
    assert "swordfish" in caplog.text


def test_the_registry_is_sound():
    assert len({row.name for row in TOOLS}) == len(TOOLS)
    assert {row.scope for row in TOOLS} <= set(SCOPES)
    for row in TOOLS:
        jsonschema.Draft202012Validator.check_schema(row.input_schema())
        jsonschema.Draft202012Validator.check_schema(dict(row.output))
        assert row.input_schema()["additionalProperties"] is False
        assert row.description.endswith(".")
        assert row.example is not None, row.name
        assert row.parse(row.example)
