"""The first load of a page stays light, however much a community has stored."""

from __future__ import annotations

import pytest

from apps_engine.services.starters import create_app_from
from decommerce.tenancy.context import tenant_scope
from tests.benchmarks import pages

# Enough to fill every list to where its page ends.
MANY = 300


@pytest.mark.requirement("CHT-04")
def test_no_page_weighs_more_than_150_kb_on_its_first_load(admin, person, tenant, owner_connection):
    with tenant_scope(tenant.pk):
        made = [create_app_from(person, slug).pk for slug in pages.STARTERS]
    pages.history(owner_connection, tenant.pk, made, MANY)
    addresses = pages.addresses(made[0], *pages.latest(owner_connection, tenant.pk))
    weights = {address: pages.weight_of(admin, address) for address in addresses}
    assert {address: weight for address, weight in weights.items() if weight > pages.MOST_BYTES} == {}
    assert min(weights.values()) > 10_000
