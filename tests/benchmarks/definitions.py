"""Judging and compiling the largest ready-made app, against jsonschema's check of its shape alone."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from apps_engine.language.compile import compile_definition
from apps_engine.language.jsontext import dumps
from apps_engine.language.parse import parse
from apps_engine.language.problems import has_errors
from apps_engine.language.report import report as facts_of
from apps_engine.language.schema import definition_schema
from apps_engine.language.validate import validate
from apps_engine.language.validate.texts import kept
from apps_engine.registry import registry
from apps_engine.services.apps import create_app, current_version
from apps_engine.services.plans import plan_of
from apps_engine.starters.parameters import defaults
from apps_engine.starters.shelf import STARTERS
from apps_engine.starters.starter import Starter
from apps_engine.starters.substitution import filled
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.benchmarks.measure import medians, report, seconds

FLOOR = "jsonschema, the shape alone (floor)"
PLANS = 10_000


def definitions(tenant: Tenant, principal: Principal) -> None:
    """Everything that is known of a definition, at first sight and when the next draft of it comes."""
    catalogue = registry.catalogue
    source = max(map(_source, STARTERS.values()), key=lambda known: len(dumps(known)))
    parsed = parse(source).definition
    assert parsed is not None
    assert not has_errors(validate(parsed, catalogue))
    shape = Draft202012Validator(definition_schema(catalogue))
    quick = jsonschema_rs.Draft202012Validator(dumps(definition_schema(catalogue)))
    assert shape.is_valid(parsed)
    assert quick.is_valid(parsed)

    def at_first_sight() -> float:
        kept.cache_clear()
        return seconds(lambda: validate(parsed, catalogue))

    found = medians(
        {
            FLOOR: lambda: seconds(lambda: list(shape.iter_errors(parsed))),
            "jsonschema-rs, the shape alone": lambda: seconds(lambda: quick.is_valid(parsed)),
            "validate, complete, texts never seen before": at_first_sight,
            "validate, complete, the next draft": lambda: seconds(lambda: validate(parsed, catalogue)),
            "parse": lambda: seconds(lambda: parse(source)),
            "compile": lambda: seconds(lambda: compile_definition(parsed, catalogue)),
            "report": lambda: seconds(lambda: facts_of(parsed, catalogue)),
            "a plan that is cached": _cached_plan(tenant, principal, source),
        },
        rounds=51,
    )
    report(f"The largest ready-made app, {len(dumps(parsed)):,} bytes", found, FLOOR)


def _source(starter: Starter) -> dict[str, Any]:
    made: dict[str, Any] = filled(starter.definition, defaults(starter))
    return {"name": starter.name, "description": "For the benchmark", **made}


def _cached_plan(tenant: Tenant, principal: Principal, source: dict[str, Any]) -> Any:
    with tenant_scope(tenant.pk):
        version = current_version(create_app(principal, source)).pk
        assert plan_of(version) is plan_of(version)

    def look_up() -> None:
        for _ in range(PLANS):
            plan_of(version)

    return lambda: seconds(look_up) / PLANS
