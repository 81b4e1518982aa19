"""XP is a ledger."""

from __future__ import annotations

import pytest

from decommerce.community.models import XpEntry
from decommerce.community.services import xp
from decommerce.community.services.members import house_member
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_xp_is_the_sum_of_the_ledger(tenant, make_member, published):
    member = make_member()
    award = xp.XpAward
    with tenant_scope(tenant.pk):
        results = xp.award_xp(
            [
                award(member.pk, 90, "Post", "a"),
                award(member.pk, 30, "Answer", "b"),
                award(member.pk, 30, "Answer", "b"),
                award(member.pk, -5, "Correction", "c"),
                award(member.pk, 0, "Nothing", "d"),
                award(member.pk, xp.MAX_AMOUNT + 1, "Greed", "e"),
                award(10**9, 5, "Nobody", "f"),
            ]
        )
        member.refresh_from_db()
        assert member.xp == 115 == sum(XpEntry.objects.values_list("amount", flat=True))
        assert member.level == 2
    assert [result.outcome for result in results] == [
        "awarded",
        "awarded",
        "duplicate",
        "awarded",
        "zero",
        "too_much",
        "not_found",
    ]
    levels = [envelope["data"]["xp"]["level"] for envelope in published.envelopes(tenant)]
    assert levels == [1, 2, 2]


@pytest.mark.parametrize(("amount", "level"), [(-5, 1), (0, 1), (99, 1), (100, 2), (399, 2), (400, 3), (900, 4)])
def test_levels_begin_at_squares_of_ten(amount, level):
    assert xp.level_of(amount) == level


def test_the_one_in_whose_name_the_platform_writes_earns_nothing(tenant):
    with tenant_scope(tenant.pk):
        [result] = xp.award_xp([xp.XpAward(house_member().pk, 5, "The busiest room", "a")])
        assert not XpEntry.objects.exists()
    assert result.outcome == "not_found"
