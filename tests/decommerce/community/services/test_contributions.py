"""Contributions are recorded once."""

from __future__ import annotations

import pytest

from decommerce.community.models import Contribution
from decommerce.community.services import contributions
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_contribution_is_recorded_once(tenant, other_tenant, make_member, make_post, published):
    member, foreign = make_member(), make_post(other_tenant)
    new = contributions.NewContribution
    with tenant_scope(tenant.pk):
        results = contributions.record_contributions(
            [
                new(member.pk, "badge", "Teacher", 10, external_id="x"),
                new(member.pk, "badge", "Teacher", 10, external_id="x"),
                new(member.pk, "badge", "Teacher", post_id=foreign.pk),
                new(10**9, "badge", "Teacher"),
            ]
        )
        assert [result.outcome for result in results] == [
            "created",
            "duplicate",
            "post_not_found",
            "member_not_found",
        ]
        assert Contribution.objects.count() == 1
    assert published.types(tenant) == ["contribution.created"]
