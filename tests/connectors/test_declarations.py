"""What holds for every connector, from its declaration alone and against PostgreSQL."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F

from apps_engine.contracts import OPERATORS
from apps_engine.language.catalogue import FieldType
from apps_engine.language.instants import parse_instant
from apps_engine.language.predicates import bind, parse_predicate
from apps_engine.registry import registry
from apps_engine.store.predicate_query import condition
from connectors.table import CONNECTORS
from decommerce.tenancy.context import NoTenant, tenant_scope

pytestmark = pytest.mark.requirement("PIP-02")

EACH = pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.name)

PYTHON_TYPES = {
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
    FieldType.DECIMAL: Decimal,
    FieldType.BOOLEAN: bool,
    FieldType.INSTANT: str,
    FieldType.LIST: list,
    FieldType.OBJECT: dict,
}
VALUES = {
    FieldType.TEXT: "a",
    FieldType.INTEGER: 1,
    FieldType.DECIMAL: Decimal("1.5"),
    FieldType.BOOLEAN: True,
    FieldType.INSTANT: "2026-11-20T09:00:00Z",
    FieldType.LIST: "a",
}
OPERANDS = {
    "in": lambda value: [value],
    "not_in": lambda value: [value],
    "between": lambda value: [value, value],
    "exists": lambda value: True,
    "within_last": lambda value: "7d",
    "older_than": lambda value: "7d",
}


def test_the_first_four_families_are_registered():
    assert {"users", "posts", "comments", "shopify_orders"} <= registry.connectors.keys()
    assert {connector.name for connector in CONNECTORS} <= registry.catalogue.connectors.keys()


@EACH
def test_names_are_unique_and_every_field_says_what_it_is(connector):
    names = [column.spec.name for column in connector.columns]
    assert len(names) == len(set(names))
    assert all(column.spec.summary for column in connector.columns)
    assert connector.summary
    assert connector.noun


@EACH
def test_the_sample_has_every_field_in_its_type(connector):
    sample = connector.sample()
    assert list(sample) == [column.spec.name for column in connector.columns]
    for column in connector.columns:
        value = sample[column.spec.name]
        if value is None:
            assert column.spec.nullable
            continue
        assert type(value) is PYTHON_TYPES[column.spec.type]
        if column.spec.type is FieldType.INSTANT:
            parse_instant(value)


@EACH
def test_what_the_database_calls_nullable_is_declared_nullable(connector, scope, context):
    """A definition's author must know where a `default` is needed."""
    queryset = connector.queryset(context)
    for column in connector.columns:
        if column.source in queryset.query.annotations:
            continue
        model, nullable = queryset.model, False
        for part in column.source.split("__"):
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
            nullable, model = nullable or field.null, field.related_model or model
        assert column.spec.nullable == nullable, column.spec.name


@EACH
def test_every_declared_operator_of_every_field_runs_in_the_database(connector, scope, context):
    columns = {column.spec.name: column for column in connector.columns}
    for name, operators in connector.spec().operators.items():
        kind = columns[name].spec.type
        assert operators == OPERATORS[kind]
        for operator in sorted(operators):
            operand = OPERANDS.get(operator, lambda value: value)(VALUES[kind])
            bound = bind(parse_predicate({name: {operator: operand}}), {}, "2026-11-21T09:00:00Z")
            assert list(connector.queryset(context).filter(condition(bound, columns))) == []


@EACH
def test_every_declared_ordering_runs_in_the_database(connector, scope, context):
    columns = {column.spec.name: column for column in connector.columns}
    for name in connector.spec().orderings:
        assert list(connector.queryset(context).order_by(F(columns[name].source).desc())) == []


@EACH
@pytest.mark.requirement("SEC-01")
def test_it_reads_nothing_outside_a_tenants_scope(connector, context):
    with pytest.raises(NoTenant):
        connector.queryset(context)


@EACH
def test_reading_takes_one_query_whatever_is_asked(connector, tenant, read):
    with tenant_scope(tenant.pk):
        assert read(connector) == []
