"""Awarding XP."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.award_xp import AwardXp, AwardXpParams
from decommerce.community.models import Member, OutboxEvent, XpEntry
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("ACT-01")


def award(member_id: int, amount: int = 50, reason: str = "Helpful answer") -> dict:
    return {"member_id": member_id, "amount": amount, "reason": reason}


def test_xp_is_booked_and_the_level_follows(acting, perform):
    member = a_member(xp=60)
    [result] = perform(AwardXp(), award(member.pk))
    assert result == {"member_id": member.pk, "awarded": True, "total": 110, "level": 2, "skipped": None}
    member.refresh_from_db()
    assert (member.xp, member.level) == (110, 2)
    entry = XpEntry.objects.get()
    assert (entry.amount, entry.reason, entry.app_id) == (50, "Helpful answer", 7)
    assert OutboxEvent.objects.get().envelope["type"] == "xp.awarded"


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_books_nothing_more(acting, perform):
    member = a_member()
    perform(AwardXp(), award(member.pk), keys=["run:8:main/xp"])
    [again] = perform(AwardXp(), award(member.pk), keys=["run:8:main/xp"])
    assert again == {"member_id": member.pk, "awarded": False, "total": 50, "level": 1, "skipped": "duplicate"}
    assert Member.objects.get().xp == 50


def test_several_awards_of_one_member_in_a_batch_add_up(acting, perform):
    member = a_member()
    perform(AwardXp(), award(member.pk, 10), award(member.pk, 20), award(member.pk, -5))
    assert Member.objects.get().xp == 25
    assert XpEntry.objects.count() == 3


def test_what_cannot_be_booked_is_said_item_by_item(acting, perform):
    member, rich = a_member(1), a_member(2, xp=2_000_000_000)
    results = perform(AwardXp(), award(10**9), award(member.pk, 0), award(rich.pk, 1), award(member.pk, 5))
    assert [result["skipped"] for result in results] == ["not_found", "zero", "too_much", None]
    assert XpEntry.objects.count() == 1


@pytest.mark.requirement("SEC-01")
def test_another_tenants_member_is_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_member()
    with tenant_scope(tenant.pk):
        assert perform(AwardXp(), award(theirs.pk))[0]["skipped"] == "not_found"
    with tenant_scope(other_tenant.pk):
        assert Member.objects.get().xp == 0


def test_a_hostile_reason_is_stored_as_text(acting, perform):
    perform(AwardXp(), award(a_member().pk, reason="<b>'\"; -- {{ x }}\x00"))
    assert XpEntry.objects.get().reason == "<b>'\"; -- {{ x }}"


def test_five_hundred_awards_take_as_many_statements_as_one(acting, perform, queries_of):
    members = Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(502))
    perform(AwardXp(), award(members[501].pk), keys=["warm"])
    one = queries_of(lambda: perform(AwardXp(), award(members[0].pk), keys=["first"]))
    assert queries_of(lambda: perform(AwardXp(), *(award(member.pk) for member in members[1:501]))) == one
    assert XpEntry.objects.count() == 502


@pytest.mark.parametrize(
    "params",
    [
        {},
        award(0),
        award(1, 1000001),
        award(1, -1000001),
        award(1, True),
        award(1, 1.5),
        award(1, 1, ""),
        award(1, 1, "x" * 201),
        {**award(1), "level": 9},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        AwardXpParams.model_validate(params)
