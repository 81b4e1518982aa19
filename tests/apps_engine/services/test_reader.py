"""Reading through connectors: what is computed, what a summary gives, what is refused (PIP-02, PIP-03)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext

from apps_engine.contracts import ActionContext, Column, SummaryConnector, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.predicates import bind, parse_predicate
from apps_engine.registry import registry
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.reader import RowReader
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class People(TableConnector):
    """Members with a column that is expensive to compute."""

    name, noun, summary = "test_people", "people", "People"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "Number"), "pk"),
        Column(FieldSpec("name", FieldType.TEXT, "Name"), "display_name"),
        Column(FieldSpec("xp", FieldType.INTEGER, "Points"), "xp"),
        Column(FieldSpec("since", FieldType.INSTANT, "Now"), "since", computed=lambda context: Value(context.now)),
        Column(
            FieldSpec("twice", FieldType.INTEGER, "Twice the points"), "doubled", computed=lambda context: F("xp") * 2
        ),
    )

    def queryset(self, context):
        return Member.objects.all()

    def sample(self):
        return {"id": 1, "name": "M", "xp": 2, "since": "2026-11-21T09:00:00Z", "twice": 4}


class Figures(SummaryConnector):
    """Rows that are worked out as a whole; their keys are not the names of the fields."""

    name, noun, summary = "test_figures", "figures", "Figures"
    columns = (
        Column(FieldSpec("label", FieldType.TEXT, "What"), "what"),
        Column(FieldSpec("value", FieldType.DECIMAL, "How much", nullable=True), "amount"),
        Column(FieldSpec("at", FieldType.INSTANT, "When"), "at"),
    )
    max_rows = 4

    def rows(self, context):
        amounts = [("b", Decimal("2.50")), ("Z", None), ("a", Decimal(3)), ("é", Decimal("2.50")), ("B", Decimal(10))]
        return [{"what": what, "amount": amount, "at": context.now} for what, amount in amounts]

    def sample(self):
        return {"label": "b", "value": Decimal("2.50"), "at": "2026-11-21T09:00:00Z"}


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """Both connectors are known for the length of a test."""
    registry.add_connectors([People(), Figures()])
    registry.__dict__.pop("catalogue", None)
    yield
    for name in ("test_people", "test_figures"):
        del registry.connectors[name]
    registry.__dict__.pop("catalogue", None)


@pytest.fixture
def fetch(tenant):
    """Read as a run of the tenant would."""
    reader = RowReader(ActionContext(tenant.pk, 0, "", 0, NOW))

    def run(connector, where=None, fields=(), order_by=(), limit=100, offset=0):
        bound = None if where is None else bind(parse_predicate(where), {}, "2026-11-21T09:00:00Z")
        with tenant_scope(tenant.pk):
            return reader.fetch(Query(connector, bound, tuple(fields), tuple(order_by), limit, offset))

    return run


@pytest.fixture
def people(tenant) -> list[int]:
    """Three members with 1, 2 and 3 points; their numbers."""
    with tenant_scope(tenant.pk):
        rows = Member.objects.bulk_create(Member(display_name=f"M{xp}", xp=xp) for xp in (1, 2, 3))
    return [row.pk for row in rows]


@pytest.mark.requirement("PIP-03")
@pytest.mark.parametrize(
    ("asked", "computes"),
    [
        ({"fields": ["id"]}, False),
        ({"fields": ["id"], "where": {"xp": {"gt": 1}}, "order_by": ["-xp"]}, False),
        ({"fields": ["twice"]}, True),
        ({"fields": ["id"], "where": {"twice": {"gt": 2}}}, True),
        ({"fields": ["id"], "order_by": ["-twice"]}, True),
        ({}, True),
    ],
)
def test_a_column_is_computed_only_in_the_steps_that_use_it(fetch, people, asked, computes):
    with CaptureQueriesContext(connection) as queries:
        fetch("test_people", **asked)
    (read,) = [query["sql"] for query in queries if "community_member" in query["sql"]]
    assert ('"xp" * 2' in read) == computes


@pytest.mark.requirement("PIP-03")
def test_a_computed_column_is_read_filtered_and_ordered_by_like_any_other(fetch, people):
    assert fetch("test_people", where={"twice": {"gte": 4}}, fields=["id", "twice"], order_by=["-twice"]) == [
        {"id": people[2], "twice": 6},
        {"id": people[1], "twice": 4},
    ]
    assert fetch("test_people", fields=["since"], limit=1) == [{"since": "2026-11-21T09:00:00Z"}]


def test_what_is_computed_is_computed_once_for_a_thousand_values(fetch, people):
    with CaptureQueriesContext(connection) as queries:
        rows = fetch("test_people", where={"twice": {"in": list(range(4, 1_004))}}, fields=["id"])
    assert [row["id"] for row in rows] == people[1:]
    (read,) = [query["sql"] for query in queries if "community_member" in query["sql"]]
    assert read.count('"xp" * 2') == 1


def test_nothing_is_computed_for_rows_that_a_pattern_leaves_out(fetch, people):
    with CaptureQueriesContext(connection) as queries:
        rows = fetch("test_people", where={"name": {"matches": "^M[23]$"}}, fields=["twice"], order_by=["-xp"])
    assert rows == [{"twice": 6}, {"twice": 4}]
    which, what = [query["sql"] for query in queries if "community_member" in query["sql"]]
    assert ('"xp" * 2' in which, '"xp" * 2' in what) == (False, True)


@pytest.mark.requirement("PIP-03")
@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        ({}, ["b", "Z", "a", "é"]),
        ({"order_by": ["label"]}, ["B", "Z", "a", "b"]),
        ({"order_by": ["-label"]}, ["é", "b", "a", "Z"]),
        ({"order_by": ["value", "label"]}, ["b", "é", "a", "B"]),
        ({"order_by": ["-value"]}, ["B", "a", "b", "é"]),
        ({"order_by": ["value"], "offset": 3, "limit": 1}, ["B"]),
        ({"order_by": ["-value"], "offset": 4}, ["Z"]),
        ({"where": {"value": {"gt": 2, "lt": 5}}}, ["b", "a", "é"]),
        ({"where": {"value": None}}, ["Z"]),
        ({"where": {"at": {"within_last": "1h"}}, "offset": 1, "limit": 2}, ["Z", "a"]),
    ],
)
def test_a_summary_is_filtered_ordered_and_paged_like_a_table(fetch, asked, labels):
    assert [row["label"] for row in fetch("test_figures", **asked)] == labels


@pytest.mark.requirement("PIP-03")
def test_a_summary_gives_the_asked_fields_as_values_of_the_language(fetch):
    assert fetch("test_figures", fields=["at", "value"], limit=2) == [
        {"at": "2026-11-21T09:00:00Z", "value": Decimal("2.50")},
        {"at": "2026-11-21T09:00:00Z", "value": None},
    ]


@pytest.mark.requirement("PIP-02")
@pytest.mark.parametrize(
    ("connector", "asked", "code", "hint"),
    [
        ("test_peple", {}, "unknown_connector", "`test_people`"),
        ("test_people", {"fields": ["twize"]}, "unknown_field", "`twice`"),
        ("test_figures", {"fields": ["nothing"]}, "unknown_field", "label, value, at"),
        ("test_people", {"order_by": ["-twize"]}, "unknown_field", "`twice`"),
        ("test_people", {"where": {"twize": 1}}, "unknown_field", "`twice`"),
        ("test_people", {"where": {"twice": {"matches": "1"}}}, "operator_not_admitted", "between, eq"),
        ("test_figures", {"where": {"value": {"contains": "1"}}}, "operator_not_admitted", "between, eq"),
    ],
)
def test_what_a_connector_does_not_declare_is_refused_when_it_runs_too(fetch, connector, asked, code, hint):
    with pytest.raises(StepError) as caught:
        fetch(connector, **asked)
    assert caught.value.code == code
    assert hint in caught.value.hint
