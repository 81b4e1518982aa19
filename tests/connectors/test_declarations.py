"""What holds for every connector, from its declaration alone and against PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.db.models import Case, When
from django.test.utils import CaptureQueriesContext

from apps_engine.contracts import OPERATORS, SummaryConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.instants import format_instant, parse_instant
from apps_engine.language.predicates import bind, matcher, parse_predicate
from apps_engine.registry import registry
from apps_engine.store.predicate_query import condition
from connectors.table import CONNECTORS
from decommerce.community.models import ShopifyOrder
from decommerce.tenancy.context import NoTenant, tenant_scope
from tests.connectors.world import NOW, make_world

pytestmark = pytest.mark.requirement("PIP-02")

EACH = pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.name)

FAMILIES = {
    "users",
    "engagement_metrics",
    "posts",
    "comments",
    "rooms",
    "room_members",
    "missions",
    "user_missions",
    "contributions",
    "rewards",
    "reward_claims",
    "shopify_orders",
    "shopify_products",
    "shopify_customers",
    "shopify_checkouts",
    "analytics_metrics",
    "notifications",
}
NAMES = ("display_name", "first_name", "last_name", "member_name", "author_name")
PYTHON_TYPES = {
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
    FieldType.DECIMAL: Decimal,
    FieldType.BOOLEAN: bool,
    FieldType.INSTANT: str,
    FieldType.LIST: list,
    FieldType.OBJECT: dict,
}
# Values that no row may have; what the rows do have is tried too.
VALUES: dict[FieldType, list[Any]] = {
    FieldType.TEXT: ["", "a", "Z", "é"],
    FieldType.INTEGER: [0, 1, Decimal("1.5")],
    FieldType.DECIMAL: [0, Decimal("1.50"), Decimal("49")],
    FieldType.BOOLEAN: [True, False],
    FieldType.INSTANT: ["2026-11-20T09:00:00Z", "2026-11-14"],
    FieldType.LIST: ["gift", "x"],
    FieldType.OBJECT: [],
}


def operands(operator: str, values: list[Any]) -> list[Any]:
    """What to compare a field with by an operator."""
    if operator in ("in", "not_in"):
        return [values, values[:1], []]
    if operator == "between":
        return [[low, high] for low, high in pairwise(values) if type(low) is type(high)]
    if operator == "matches":
        return []
    if operator == "exists":
        return [True, False]
    if operator in ("within_last", "older_than"):
        return ["1h", "7d", "400d"]
    return values


def conforms(value: Any, spec: FieldSpec) -> bool:
    """Whether a value is one that the declaration promises."""
    if value is None:
        return spec.nullable
    if spec.type is FieldType.INSTANT:
        parse_instant(value)
    return type(value) is PYTHON_TYPES[spec.type]


@pytest.fixture
def world(tenant) -> None:
    """The tenant has some of everything."""
    with tenant_scope(tenant.pk):
        make_world()


@pytest.mark.requirement("PIP-01")
def test_every_family_of_the_specification_is_registered():
    assert {connector.name for connector in CONNECTORS} >= FAMILIES
    assert registry.catalogue.connectors.keys() >= {connector.name for connector in CONNECTORS}


@EACH
def test_names_are_unique_and_every_field_says_what_it_is(connector):
    names = [column.spec.name for column in connector.columns]
    assert len(names) == len(set(names))
    assert len({column.source for column in connector.columns}) == len(names)
    assert all(column.spec.summary for column in connector.columns)
    assert connector.summary
    assert connector.noun


@EACH
def test_the_sample_has_every_field_in_its_type(connector):
    sample = connector.sample()
    assert list(sample) == [column.spec.name for column in connector.columns]
    assert [spec.name for spec in connector.spec().fields if not conforms(sample[spec.name], spec)] == []


@EACH
def test_addresses_and_names_of_people_are_marked_as_personal(connector):
    for spec in connector.spec().fields:
        if spec.type is FieldType.TEXT and spec.name.endswith(
            ("email", "display_name", "first_name", "member_name", "author_name")
        ):
            assert spec.personal, spec.name
        if spec.name.endswith(("body", "bio", "display_name", "member_name", "author_name")):
            assert spec.untrusted, spec.name


@EACH
def test_rows_with_much_and_with_little_are_what_is_declared(connector, world, tenant, read):
    """A definition's author must know where a `default` is needed, and only there."""
    with tenant_scope(tenant.pk):
        rows = read(connector)
    assert rows, "There is no row of this kind yet: let tests/connectors/world.py make some."
    assert all(list(row) == [column.spec.name for column in connector.columns] for row in rows)
    for spec in connector.spec().fields:
        assert [row[spec.name] for row in rows if not conforms(row[spec.name], spec)] == [], spec.name


@EACH
def test_what_the_database_calls_nullable_is_declared_nullable(connector, scope, context):
    """And so is what may be null because of it: no row of the community above needs to show it."""
    if isinstance(connector, SummaryConnector):
        return
    queryset = connector.queryset(context)
    for column in connector.columns:
        if column.computed is not None or column.source in queryset.query.annotations:
            continue
        model, nullable = queryset.model, False
        for part in column.source.split("__"):
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
            nullable, model = nullable or field.null, field.related_model or model
        assert column.spec.nullable == nullable, column.spec.name


@EACH
@pytest.mark.requirement("PIP-06")
def test_every_operator_of_every_field_answers_as_the_language_does(connector, world, tenant, context, read):
    with tenant_scope(tenant.pk):
        rows = read(connector)
        for name, operators in connector.spec().operators.items():
            spec = connector.spec().field(name)
            assert operators == OPERATORS[spec.type]
            if isinstance(connector, SummaryConnector):
                where = {name: rows[0][name]}
                assert read(connector, where=where) == [row for row in rows if row[name] == rows[0][name]]
                continue
            there = [row[name] for row in rows if row[name] is not None and spec.type is not FieldType.LIST]
            values = [*VALUES[spec.type], *there[:2]]
            asked = [{name: {op: operand}} for op in sorted(operators) for operand in operands(op, values)]
            bound = [bind(parse_predicate(where), {}, format_instant(NOW)) for where in asked]
            answers = in_database(connector, name, bound, context)
            for where, predicate, hits in zip(asked, bound, answers, strict=True):
                assert hits == tuple(map(matcher(predicate), rows)), where


def in_database(connector, name, bound, context) -> list[tuple[bool, ...]]:
    """What each predicate about one field answers for each row, in one query."""
    columns = {column.spec.name: column for column in connector.columns}
    column, rows = columns[name], connector.queryset(context)
    if column.computed is not None:
        rows = rows.annotate(**{column.source: column.computed(context)})
    answers = {
        f"answer{place}": Case(When(condition(predicate, columns), then=True), default=False)
        for place, predicate in enumerate(bound)
    }
    return list(zip(*rows.annotate(**answers).order_by("pk").values_list(*answers), strict=True))


@EACH
def test_patterns_are_left_to_the_language(connector, world, tenant, read):
    """The database has no equal of RE2 (see tests/apps_engine/store for what becomes of them)."""
    with tenant_scope(tenant.pk):
        rows = read(connector)
        texts = [name for name, operators in connector.spec().operators.items() if "matches" in operators]
        for name in texts[:2]:
            expected = [row for row in rows if row[name] is not None and "e" in row[name]]
            assert read(connector, where={name: {"matches": "e"}}) == expected


@EACH
@pytest.mark.requirement("PIP-03")
def test_every_ordering_puts_rows_in_order_with_those_without_a_value_last(connector, world, tenant, read):
    with tenant_scope(tenant.pk):
        every, key = read(connector), connector.columns[0].spec.name
        for name in connector.spec().orderings:
            for sign in ("", "-"):
                rows = read(connector, *{key, name}, order_by=(sign + name,))
                values = [row[name] for row in rows if row[name] is not None]
                assert values == sorted(values, reverse=sign == "-"), name
                assert [row[name] for row in rows][len(values) :] == [None] * (len(rows) - len(values))
                # What is equal stays in the order of its number.
                equal = [row[key] for row in rows if row[name] == rows[0][name]]
                assert equal == [row[key] for row in every if row[name] == rows[0][name]]


@EACH
def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(connector, tenant, read):
    with tenant_scope(tenant.pk):
        with CaptureQueriesContext(connection) as few:
            read(connector)
        make_world()
        with CaptureQueriesContext(connection) as many:
            assert read(connector)
    assert len(few) == len(many)
    if not isinstance(connector, SummaryConnector):
        assert len(many) == 1


@EACH
@pytest.mark.requirement("SEC-01")
def test_another_tenants_rows_are_neither_read_nor_counted(connector, tenant, other_tenant, read):
    with tenant_scope(tenant.pk):
        empty = read(connector)
        assert isinstance(connector, SummaryConnector) or empty == []
    with tenant_scope(other_tenant.pk):
        make_world()
    with tenant_scope(tenant.pk):
        assert read(connector) == empty
        make_world()
        alone = read(connector)
    with tenant_scope(other_tenant.pk):
        make_more_of_it()
    with tenant_scope(tenant.pk):
        assert read(connector) == alone


def make_more_of_it() -> None:
    """The other tenant's shop, which sells products of the same numbers, sells them today."""
    ShopifyOrder.objects.update(created_at=NOW)


@EACH
@pytest.mark.requirement("SEC-01")
def test_it_reads_nothing_outside_a_tenants_scope(connector, read):
    with pytest.raises(NoTenant):
        read(connector)
