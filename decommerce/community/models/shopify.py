"""What a Shopify shop tells: customers, products, orders and checkouts.

`shopify_id` is Shopify's number, `created_at` and `updated_at` are Shopify's times; an older version never replaces a
newer one. A person is matched to a member by e-mail address.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from decommerce.community.exact_json import ExactJSONDecoder, ExactJSONEncoder
from decommerce.community.models.member import Member
from decommerce.community.models.money import MoneyField
from decommerce.community.models.shop import Shop
from decommerce.tenancy.models import TenantForeignKey, TenantModel

ZERO = Decimal("0.00")


class ShopifyResource(TenantModel):
    """What all of them share."""

    shop = TenantForeignKey(Shop, on_delete=models.SET_NULL, null=True, related_name="+")
    shopify_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["tenant", "shopify_id"], name="%(class)s_once")]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="%(class)s_created")]


class ShopifyCustomer(ShopifyResource):
    """Someone who has an account with the shop."""

    email = models.EmailField(null=True)
    member = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="shopify_customers")
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, blank=True)
    tags = ArrayField(models.CharField(max_length=255), default=list)
    accepts_marketing = models.BooleanField(default=False)
    orders_count = models.PositiveIntegerField(default=0)
    total_spent = MoneyField(default=ZERO)
    currency = models.CharField(max_length=3, blank=True)

    class Meta(ShopifyResource.Meta):
        indexes = [
            *ShopifyResource.Meta.indexes,
            models.Index("tenant", Lower("email"), name="%(class)s_email"),
        ]


class ShopifyProduct(ShopifyResource):
    """Something the shop sells; prices are those of its cheapest and its dearest variant."""

    title = models.CharField(max_length=255)
    handle = models.CharField(max_length=255, blank=True)
    vendor = models.CharField(max_length=255, blank=True)
    product_type = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, blank=True)
    tags = ArrayField(models.CharField(max_length=255), default=list)
    price_min = MoneyField(null=True)
    price_max = MoneyField(null=True)
    inventory_quantity = models.IntegerField(default=0)
    published_at = models.DateTimeField(null=True)


class ShopifyPurchase(ShopifyResource):
    """What an order and a checkout share. `line_items` are [{title, sku, quantity, price, product_id, variant_id}]."""

    email = models.EmailField(null=True)
    member = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="%(class)ss")
    customer = TenantForeignKey(ShopifyCustomer, on_delete=models.SET_NULL, null=True, related_name="%(class)ss")
    currency = models.CharField(max_length=3)
    total_price = MoneyField()
    subtotal_price = MoneyField()
    total_discounts = MoneyField(default=ZERO)
    line_items = models.JSONField(default=list, encoder=ExactJSONEncoder, decoder=ExactJSONDecoder)
    item_count = models.PositiveIntegerField(default=0)

    class Meta(ShopifyResource.Meta):
        abstract = True
        indexes = [
            *ShopifyResource.Meta.indexes,
            models.Index(fields=["tenant", "member", "-created_at"], name="%(class)s_member"),
            models.Index("tenant", Lower("email"), name="%(class)s_email"),
        ]


class ShopifyOrder(ShopifyPurchase):
    """An order. `total_refunded` is the sum of its refunds; `first_purchase`: no earlier order has this address."""

    name = models.CharField(max_length=64)
    financial_status = models.CharField(max_length=32, blank=True)
    fulfillment_status = models.CharField(max_length=32, blank=True)
    total_refunded = MoneyField(default=ZERO)
    first_purchase = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=255), default=list)
    cancelled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ShopifyCheckout(ShopifyPurchase):
    """A cart on its way to the till; abandoned for as long as `completed_at` is null."""

    token = models.CharField(max_length=64, blank=True)
    recovery_url = models.TextField(blank=True)
    completed_at = models.DateTimeField(null=True)


class ShopifyRefund(TenantModel):
    """One refund, kept so that a repeated delivery adds nothing.

    It names its order by Shopify's number, since a refund may be heard of before its order.
    """

    shopify_id = models.BigIntegerField()
    order_shopify_id = models.BigIntegerField()
    amount = MoneyField()
    currency = models.CharField(max_length=3, blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "shopify_id"], name="shopifyrefund_once")]
        indexes = [models.Index(fields=["tenant", "order_shopify_id"], name="shopifyrefund_by_order")]
