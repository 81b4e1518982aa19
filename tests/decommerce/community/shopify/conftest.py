"""A shop that is connected."""

from __future__ import annotations

import pytest

from decommerce.community.shopify.shops import connect_shop
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.community.shopify.connected_shop import ConnectedShop


@pytest.fixture
def shop(tenant) -> ConnectedShop:
    with tenant_scope(tenant.pk):
        return ConnectedShop(tenant, connect_shop("acme.myshopify.example"))
