"""A connected shop: its own tenant's, its address and secret kept from the database's readers (TRG-09)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from decommerce.community.models import Shop, ShopDelivery, ShopifyOrder
from decommerce.community.shopify.shops import connect_shop
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.community.shopify.connected_shop import ORDER, ConnectedShop

pytestmark = pytest.mark.requirement("TRG-09")


@pytest.mark.requirement("SEC-01")
def test_someone_signed_in_elsewhere_does_not_find_the_shop(other_tenant, shop, make_person):
    person = make_person(other_tenant)
    client = Client()
    client.force_login(person)
    assert shop.deliver("orders/create", ORDER, client=client).status_code == 404


@pytest.mark.requirement("SEC-01")
def test_a_delivery_reaches_the_shops_own_tenant_only(tenant, other_tenant, shop):
    shop.deliver("orders/create", ORDER)
    with tenant_scope(other_tenant.pk):
        assert not ShopifyOrder.objects.exists()
        assert not ShopDelivery.objects.exists()


@pytest.mark.requirement("SEC-07")
def test_neither_the_address_nor_the_secret_stands_in_the_database(tenant, shop):
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(s)::text FROM community_shop s")
        (row,) = cursor.fetchone()
        assert Shop.objects.get().webhook_secret == shop.secret
    assert shop.secret not in row
    assert shop.path.split("/")[-2] not in row


def test_a_shop_that_is_connected_again_has_a_new_address(tenant, shop):
    with tenant_scope(tenant.pk):
        fresh = ConnectedShop(tenant, connect_shop("acme.myshopify.example"))
    assert shop.deliver("orders/create", ORDER).status_code == 404
    assert fresh.deliver("orders/create", ORDER).status_code == 200


@pytest.mark.requirement("SEC-07")
def test_a_secret_still_reads_after_the_platforms_key_was_rotated(tenant, shop, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert shop.deliver("orders/create", ORDER).status_code == 200
