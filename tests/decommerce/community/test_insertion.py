"""Rows go in as one document, and come out as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError

from decommerce.community.insertion import MANY, insert_new
from decommerce.community.models import Member, Notification, OutboxEvent
from decommerce.tenancy.context import tenant_scope

MOMENT = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)


def _notification(member: Member, key: str | None, title: str = "Hello") -> Notification:
    return Notification(member_id=member.pk, title=title, idem_key=key, created_at=MOMENT)


@pytest.fixture
def member(scope) -> Member:
    return Member.objects.create(display_name="Ada", engagement_score=Decimal("12.50"))


def test_of_two_rows_with_one_key_the_first_goes_in_also_within_a_batch(member):
    rows = [_notification(member, key, title) for key, title in (("a", "1"), ("a", "2"), ("b", "3"), (None, "4"))]
    inserted = insert_new(rows)
    assert [row.pk in inserted for row in rows] == [True, False, True, True]
    assert insert_new([_notification(member, "a")]) == set()
    stored = Notification.objects.order_by("pk").values_list("pk", "title")
    assert list(stored) == [(row.pk, row.title) for row in rows if row.pk in inserted]


def test_every_kind_of_value_is_read_back_as_it_was_written(member):
    joined = Member(display_name="“Zoë” \\ '%s' 😀", engagement_score=Decimal("0.10"), joined_at=MOMENT, bio='{"a": 1}')
    insert_new([joined])
    read = Member.objects.get(pk=joined.pk)
    assert (read.display_name, read.bio, read.email) == (joined.display_name, joined.bio, None)
    assert (read.engagement_score, read.joined_at, read.last_active_at) == (Decimal("0.10"), MOMENT, None)
    event = OutboxEvent(envelope={"price": Decimal("1.10"), "none": None, "text": "x"})
    insert_new([event])
    stored = OutboxEvent.objects.get(pk=event.pk).envelope
    assert (str(stored["price"]), stored["none"], stored["text"]) == ("1.10", None, "x")


@pytest.mark.parametrize(
    "values",
    [
        ["same"] * MANY,
        ["same"] * (MANY - 1) + ["other"],
        [1] * (MANY - 1) + [True],
        [Decimal("1.0")] * (MANY - 1) + [Decimal("1.00")],
        [{"n": 1}] * (MANY - 1) + [{"n": True}],
        [[]] * MANY,
    ],
    ids=str,
)
def test_of_many_rows_what_they_have_in_common_and_what_not_is_read_back_as_it_was_written(member, values):
    rows = [OutboxEvent(event_id=str(place), envelope=value) for place, value in enumerate(values)]
    assert insert_new(rows) == {row.pk for row in rows}
    stored = OutboxEvent.objects.in_bulk([row.pk for row in rows])
    assert [repr(stored[row.pk].envelope) for row in rows] == [repr(value) for value in values]


def test_of_many_rows_one_that_is_there_already_is_left_out(member):
    first = _notification(member, "5")
    insert_new([first])
    rows = [_notification(member, str(number)) for number in range(MANY)]
    assert insert_new(rows) == {row.pk for row in rows if row.idem_key != "5"}
    assert Notification.objects.filter(member_id=member.pk, title="Hello", created_at=MOMENT).count() == MANY


def test_a_text_that_is_too_long_is_refused_and_never_cut(member):
    with pytest.raises(DataError, match="too long"):
        insert_new([_notification(member, None, "x" * 201)])


def test_rows_belong_to_the_tenant_in_scope(tenant, other_tenant):
    with tenant_scope(other_tenant.pk):
        row = Member(display_name="Ben")
        insert_new([row])
        assert row.tenant_id == other_tenant.pk
    with tenant_scope(tenant.pk):
        assert not Member.objects.filter(pk=row.pk).exists()
