"""Both back ends of a predicate give the same answer on the same rows (PIP-06)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from apps_engine.contracts import ActionContext
from apps_engine.language.errors import InvalidValue, PredicateError
from apps_engine.language.instants import format_instant
from apps_engine.language.predicates import bind, matcher, parse_predicate
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.reader import RowReader
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TEXTS = ["", "a", "A", "ab", "b", "Zürich", "zürich", "%", "_", "\\", "a%b", "é", "e\u0301", "😀", "10", "9"]
NUMBERS = [-1, 0, 1, 7, 10, 100]
DECIMALS = [Decimal("0"), Decimal("0.10"), Decimal("0.1"), Decimal("12.50"), Decimal("99.99")]
MOMENTS = [NOW - timedelta(days=n) for n in (0, 1, 7, 8, 30)] + [NOW + timedelta(hours=1)]
ZONES = ["Z", "+02:00", "-05:30"]
TEXT_FIELDS, NUMBER_FIELDS, MOMENT_FIELDS = ("bio", "location"), ("xp", "level"), ("joined_at", "last_active_at")


def _moments() -> st.SearchStrategy[str]:
    def written(moment: datetime, zone: str) -> str:
        if zone == "Z":
            return format_instant(moment)
        sign = 1 if zone[0] == "+" else -1
        hours, minutes = zone[1:].split(":")
        offset = sign * timedelta(hours=int(hours), minutes=int(minutes))
        return (moment + offset).strftime("%Y-%m-%dT%H:%M:%S") + zone

    return st.builds(written, st.sampled_from(MOMENTS), st.sampled_from(ZONES))


def _comparison(
    fields: tuple[str, ...], values: st.SearchStrategy[Any], odd: tuple[Any, ...] = ("m", 5, True), text: bool = False
) -> st.SearchStrategy[dict]:
    anything = values | st.sampled_from([*odd, None])
    ordered = st.tuples(st.sampled_from(["gt", "gte", "lt", "lte"]), values | st.sampled_from(odd[:2]))
    choices = [
        st.tuples(st.sampled_from(["eq", "ne"]), anything),
        st.tuples(st.sampled_from(["in", "not_in"]), st.lists(anything, max_size=3)),
        st.tuples(st.just("exists"), st.booleans()),
        st.tuples(st.just("between"), st.tuples(values, values).map(sorted)),
        ordered,
    ]
    if text:
        kinds = st.sampled_from(["contains", "not_contains", "starts_with", "ends_with"])
        choices.append(st.tuples(kinds, st.sampled_from(TEXTS)))
    return st.builds(lambda name, pair: {name: {pair[0]: pair[1]}}, st.sampled_from(fields), st.one_of(choices))


LEAVES = st.one_of(
    _comparison(TEXT_FIELDS, st.sampled_from(TEXTS), text=True),
    _comparison(NUMBER_FIELDS, st.sampled_from(NUMBERS)),
    _comparison(("engagement_score",), st.sampled_from([*DECIMALS, 0, 12])),
    _comparison(MOMENT_FIELDS, _moments(), odd=(5, 6, True)),
    st.sampled_from([{"last_active_at": {"within_last": "7d"}}, {"last_active_at": {"older_than": "1d"}}]),
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


@pytest.fixture
def rows(tenant) -> tuple[int, list[dict[str, Any]]]:
    """The tenant and its members as the language sees them."""
    with tenant_scope(tenant.pk):
        Member.objects.bulk_create(
            Member(
                email=f"m{n}@{tenant.slug}.example",
                display_name=f"M{n}",
                bio=TEXTS[n % len(TEXTS)],
                location=TEXTS[(n * 7) % len(TEXTS)],
                xp=max(0, NUMBERS[n % len(NUMBERS)]),
                level=max(0, NUMBERS[(n * 5) % len(NUMBERS)]),
                engagement_score=DECIMALS[n % len(DECIMALS)],
                joined_at=MOMENTS[n % len(MOMENTS)],
                last_active_at=None if n % 4 == 0 else MOMENTS[(n * 3) % len(MOMENTS)],
            )
            for n in range(60)
        )
        found = RowReader(_context(tenant.pk)).fetch(Query("users", None, (), (), 1000, 0))
    return tenant.pk, found


def _context(tenant_id: int) -> ActionContext:
    return ActionContext(tenant_id, 0, "", 0, NOW)


@pytest.mark.requirement("PIP-06")
def test_sql_and_python_agree_on_random_predicates(rows):
    tenant_id, members = rows
    assert len(members) == 60

    @settings(max_examples=400, deadline=None)
    @given(TREES)
    def agree(tree: dict[str, Any]) -> None:
        try:
            bound = bind(parse_predicate(tree), {}, format_instant(NOW))
        except PredicateError:
            reject()
        query = Query("users", bound, ("id",), (), 1000, 0)
        with tenant_scope(tenant_id):
            by_sql = {row["id"] for row in RowReader(_context(tenant_id)).fetch(query)}
        matches = matcher(bound)
        by_python = {member["id"] for member in members if matches(member)}
        assert by_sql == by_python

    agree()


@pytest.mark.requirement("PIP-03")
@pytest.mark.parametrize("field", ["bio", "xp", "engagement_score", "joined_at", "last_active_at"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_rows_come_in_the_asked_order_and_pages_neither_overlap_nor_leave_out(rows, field, sign):
    tenant_id, members = rows
    with tenant_scope(tenant_id):
        reader = RowReader(_context(tenant_id))
        pages = [reader.fetch(Query("users", None, ("id", field), (sign + field,), 17, n * 17)) for n in range(4)]
    together = [row for page in pages for row in page]
    assert sorted(row["id"] for row in together) == sorted(member["id"] for member in members)
    values = [row[field] for row in together if row[field] is not None]
    assert values == sorted(values, reverse=sign == "-")
    assert [row[field] for row in together][len(values) :] == [None] * (len(together) - len(values))


def test_a_text_that_is_no_instant_is_not_compared_with_one(rows):
    bound = bind(parse_predicate({"joined_at": {"lt": "yesterday"}}), {}, format_instant(NOW))
    with tenant_scope(rows[0]), pytest.raises(InvalidValue, match="yesterday"):
        RowReader(_context(rows[0])).fetch(Query("users", bound, ("id",), (), 10, 0))
