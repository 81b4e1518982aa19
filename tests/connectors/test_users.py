"""Members as a definition sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.users import Users
from decommerce.community.models import Member
from decommerce.community.services.members import house_member
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import CREATED, a_member

pytestmark = pytest.mark.requirement("PIP-01")


def test_a_member_reads_as_declared(scope, read):
    member = a_member(1, xp=120, level=2, country="CH", engagement_score=Decimal("12.50"))
    [row] = read(Users())
    assert row == {
        "id": member.pk,
        "display_name": "Member 1",
        "email": "member1@example.com",
        "role": "member",
        "status": "active",
        "xp": 120,
        "level": 2,
        "engagement_score": Decimal("12.50"),
        "streak_days": 0,
        "country": "CH",
        "location": "",
        "bio": "",
        "joined_at": CREATED,
        "last_active_at": None,
    }


def test_the_role_is_that_of_the_members_seat_in_the_team(tenant, make_person, read):
    make_person(tenant, "moderator")
    with tenant_scope(tenant.pk):
        a_member(2)
        assert [row["role"] for row in read(Users())] == ["moderator", "member"]


def test_the_platforms_own_author_is_no_member(scope, read):
    house_member()
    assert read(Users()) == []


@pytest.mark.requirement("SEC-01")
def test_another_tenants_members_are_not_read(tenant, other_tenant, read):
    with tenant_scope(other_tenant.pk):
        a_member(1)
    with tenant_scope(tenant.pk):
        a_member(2)
        assert [row["display_name"] for row in read(Users())] == ["Member 2"]


def test_five_hundred_members_take_one_query(scope, tenant, read):
    Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(500))
    assert len(read(Users())) == 500
