"""Every operator on every type of field: SQL and Python give the same rows, whatever is asked (PIP-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from apps_engine.contracts import OPERATORS, ActionContext
from apps_engine.language.catalogue import FieldType
from apps_engine.language.errors import PredicateError
from apps_engine.language.instants import format_instant, parse_instant
from apps_engine.language.operators import OPERATORS as LANGUAGE_OPERATORS
from apps_engine.language.predicates import bind, matcher, parse_predicate
from apps_engine.registry import registry
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.reader import MOST_SIFTED, RowReader
from decommerce.community.models import Member, ShopifyOrder
from decommerce.tenancy.context import tenant_scope

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FIELDS = {
    FieldType.TEXT: ("name", "email", "financial_status"),
    FieldType.INTEGER: ("shopify_id", "member_id", "item_count"),
    FieldType.DECIMAL: ("total_price", "total_refunded"),
    FieldType.BOOLEAN: ("first_purchase",),
    FieldType.INSTANT: ("created_at", "cancelled_at"),
    FieldType.LIST: ("tags",),
}
TEXTS = [
    "", "a", "A", "Ab", "b\n", "é", "e\u0301", "ß", "SS", "ı", "I", "i", "Σ", "ς", "%", "_", "\\", "a.b", "10", "9",
    "true", "2026-11-21", "2026-11-21T00:00:00Z", "2026-11-21T01:00:00+01:00", "2026-11-20T23:00:00-01:00",
    "2026-02-30", "😀", "z",
]  # fmt: skip
PATTERNS = [
    "", "a", "^a", "a$", "^$", "^.$", "^a.b$", "[a-z]", "[^a-z]", "(?i)a", "\\d", "\\w", "\\s", "\\bb", "a|b", "(ab)+",
    "^(?:a|A)b?$", "\\p{L}", "\\.", "\\\\", "%", "_", ".*\\n", "(?s)b.", "é", "x{2,3}", "[[:alpha:]]", "(?m)^$",
]  # fmt: skip
INTEGERS = [-1, 0, 1, 2, 7, 10**12, 10**20, -(10**20), Decimal("0.5"), Decimal("2.0"), Decimal("-0.5"), Decimal("1e3")]
DECIMALS = [Decimal("0"), Decimal("0.10"), Decimal("0.1"), Decimal("12.50"), 12, 0, Decimal("0.100001"), 10**15, -3]
MOMENTS = [NOW - timedelta(days=n) for n in (0, 1, 7, 30)] + [NOW + timedelta(hours=1), NOW.replace(microsecond=1)]
ODD = [None, "a", 5, True, False, Decimal("1.5"), "2026-11-21"]


def written(moment: datetime) -> st.SearchStrategy[str]:
    offsets = st.sampled_from([0, 60, 90, -330])
    return offsets.map(
        lambda minutes: (moment + timedelta(minutes=minutes)).replace(tzinfo=None).isoformat() + shown(minutes)
    )


def shown(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "Z"


VALUES = {
    FieldType.TEXT: st.sampled_from(TEXTS),
    FieldType.INTEGER: st.sampled_from(INTEGERS),
    FieldType.DECIMAL: st.sampled_from(DECIMALS),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INSTANT: st.sampled_from(MOMENTS).flatmap(written),
    FieldType.LIST: st.sampled_from([*TEXTS[:12], 10, True, Decimal("1.0")]),
}


def expected(operator: str, kind: FieldType) -> st.SearchStrategy[Any]:
    """What an operator takes, of the field's own type and of others; of an instant only instants among the texts."""
    own = VALUES[kind]
    odd = [value for value in ODD if kind is not FieldType.INSTANT or value != "a"]
    present = own | st.sampled_from([value for value in odd if value is not None])
    ordered = own | st.sampled_from([5] if kind is FieldType.INSTANT else [5, "b"])
    return {
        **dict.fromkeys(("eq", "ne"), own | st.sampled_from(odd)),
        **dict.fromkeys(("in", "not_in"), st.lists(present, max_size=4)),
        **dict.fromkeys(("gt", "gte", "lt", "lte"), ordered),
        "between": st.tuples(own, own).map(list),
        "exists": st.booleans(),
        **dict.fromkeys(("contains", "not_contains"), VALUES[FieldType.LIST] if kind is FieldType.LIST else own),
        **dict.fromkeys(("starts_with", "ends_with"), own),
        "matches": st.sampled_from(PATTERNS),
        **dict.fromkeys(("within_last", "older_than"), st.sampled_from(["0s", "1d", "7 days", "1w"])),
    }[operator]


LEAVES = st.one_of(
    [
        st.builds(
            lambda field, value, operator=operator: {field: {operator: value}},
            st.sampled_from(names),
            expected(operator, kind),
        )
        for kind, names in FIELDS.items()
        for operator in sorted(OPERATORS[kind])
    ]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda children: {"and": children}),
        st.lists(inner, min_size=1, max_size=3).map(lambda children: {"or": children}),
        inner.map(lambda child: {"not": child}),
    ),
    max_leaves=6,
)


def context(tenant_id: int) -> ActionContext:
    return ActionContext(tenant_id, 0, "", 0, NOW)


def orders(tenant) -> list[dict[str, Any]]:
    """Orders whose fields hold every value that is asked for, and null where they may; as the language sees them."""
    with tenant_scope(tenant.pk):
        member = Member.objects.create(email=f"m@{tenant.slug}.example", display_name="M")
        ShopifyOrder.objects.bulk_create(
            ShopifyOrder(
                shopify_id=[1, 2, 7, 10**12][n % 4] * 100 + n,
                name=TEXTS[n % len(TEXTS)],
                email=None if n % 5 == 0 else TEXTS[(n * 7 + 1) % len(TEXTS)],
                financial_status=TEXTS[(n * 3) % 12],
                member=member if n % 3 else None,
                currency="EUR",
                item_count=[0, 1, 2, 7][n % 4],
                total_price=[Decimal("0"), Decimal("0.10"), Decimal("12.50"), Decimal("12")][n % 4],
                subtotal_price=Decimal("1"),
                total_refunded=[Decimal("0"), Decimal("0.10")][n % 2],
                first_purchase=n % 2 == 0,
                tags=[[], ["a"], ["a", "A", "10"], ["true", "2026-11-21"]][n % 4],
                created_at=MOMENTS[n % len(MOMENTS)],
                updated_at=NOW,
                cancelled_at=None if n % 4 == 0 else MOMENTS[(n * 5) % len(MOMENTS)],
            )
            for n in range(84)
        )
        return RowReader(context(tenant.pk)).fetch(Query("shopify_orders", None, (), (), 1000, 0))


def test_every_operator_of_the_language_is_asked_of_some_type():
    assert frozenset().union(*OPERATORS.values()) == LANGUAGE_OPERATORS.keys()
    declared = {column.spec.name: column.spec.type for column in registry.connectors["shopify_orders"].columns}
    assert all(declared[name] is kind for kind, names in FIELDS.items() for name in names)


@pytest.mark.requirement("PIP-06")
def test_sql_and_python_agree_on_every_operator_and_type(tenant):
    rows = orders(tenant)
    assert len(rows) == 84

    @settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(TREES)
    def agree(tree: dict[str, Any]) -> None:
        try:
            bound = bind(parse_predicate(tree), {}, format_instant(NOW))
        except PredicateError:
            reject()
        with tenant_scope(tenant.pk):
            found = RowReader(context(tenant.pk)).fetch(Query("shopify_orders", bound, ("id",), (), 1000, 0))
        matches = matcher(bound)
        assert {row["id"] for row in found} == {row["id"] for row in rows if matches(row)}

    agree()


@pytest.mark.requirement("PIP-03")
@pytest.mark.parametrize("order", ["name", "-total_price", "-cancelled_at"])
def test_rows_that_a_pattern_lets_through_come_in_order_and_by_pages(tenant, order):
    rows = orders(tenant)
    bound = bind(
        parse_predicate({"name": {"matches": "(?i)^[a-z]?$"}, "item_count": {"lt": 7}}), {}, format_instant(NOW)
    )
    matching = [row["id"] for row in rows if matcher(bound)(row)]
    with tenant_scope(tenant.pk):
        reader = RowReader(context(tenant.pk))
        whole = reader.fetch(Query("shopify_orders", bound, ("id", order.removeprefix("-")), (order,), 1000, 0))
        pages = [reader.fetch(Query("shopify_orders", bound, ("id",), (order,), 5, start)) for start in range(0, 40, 5)]
        with CaptureQueriesContext(connection) as queries:
            reader.fetch(Query("shopify_orders", bound, ("id",), (order,), 5, 10))
    assert sorted(row["id"] for row in whole) == sorted(matching)
    assert len(matching) > 10
    assert [row["id"] for page in pages for row in page] == [row["id"] for row in whole]
    assert len(queries) == 2  # which rows, and then the rows: nothing is worked out for those that are left out
    values = [row[order.removeprefix("-")] for row in whole if row[order.removeprefix("-")] is not None]
    read = parse_instant if order.endswith("_at") else (lambda value: value)
    assert values == sorted(values, key=read, reverse=order.startswith("-"))


@pytest.mark.requirement("SEC-03")
def test_a_pattern_looks_at_a_hundred_thousand_rows_and_no_more(tenant):
    with tenant_scope(tenant.pk):
        order = ShopifyOrder.objects.create(shopify_id=0, name="x", currency="EUR", total_price=1, subtotal_price=1,
                                            created_at=NOW, updated_at=NOW)  # fmt: skip
        kept = [
            field.column
            for field in ShopifyOrder._meta.local_concrete_fields
            if field.column not in ("id", "shopify_id")
        ]
        columns = ", ".join(kept)
        copies = f"INSERT INTO {ShopifyOrder._meta.db_table} (shopify_id, {columns}) SELECT n, {columns} FROM " \
                 f"{ShopifyOrder._meta.db_table}, generate_series(1, %s) AS n WHERE id = %s"  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(copies, [MOST_SIFTED - 1, order.pk])
        bound = bind(parse_predicate({"name": {"matches": "y"}}), {}, format_instant(NOW))
        query = Query("shopify_orders", bound, ("id",), (), 10, 0)
        assert RowReader(context(tenant.pk)).fetch(query) == []
        ShopifyOrder.objects.filter(pk=order.pk).update(shopify_id=-1, name="z")
        with connection.cursor() as cursor:
            cursor.execute(copies.replace("SELECT n,", "SELECT -n - 1,"), [1, order.pk])
        with pytest.raises(StepError) as refusal:
            RowReader(context(tenant.pk)).fetch(query)
        assert refusal.value.code == "too_many_rows"
        narrowed = bind(parse_predicate({"name": {"matches": "z"}, "shopify_id": {"lt": 2}}), {}, format_instant(NOW))
        assert len(RowReader(context(tenant.pk)).fetch(replace(query, where=narrowed))) == 2
