"""Connecting a shop: its secret intake address, and the secret that its deliveries are signed with."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from decommerce.community.models import Shop
from decommerce.tenancy.context import locator_scope


@dataclass(frozen=True, slots=True)
class Connection:
    """What the shop's side needs to know. Shown once: only a digest of the address is kept."""

    shop: Shop
    url: str
    webhook_secret: str


def connect_shop(domain: str, webhook_secret: str | None = None) -> Connection:
    """Connect a shop, or give a connected one a new address and secret. Needs the tenant's scope.

    `webhook_secret` is the one that Shopify signs with; without it, one is made up.
    """
    token = secrets.token_urlsafe(32)
    secret = webhook_secret or secrets.token_hex(32)
    shop, _ = Shop.objects.update_or_create(
        domain=domain, defaults={"intake_digest": _digest(token), "webhook_secret": secret}
    )
    return Connection(shop, intake_url(token), secret)


def intake_url(token: str) -> str:
    """The address that a shop delivers to."""
    # Commands ask too; the URLconf of the web process would load every page for them.
    path = reverse("shopify-intake", urlconf="decommerce.community.urls", args=[token])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def find_shop(token: str) -> Shop | None:
    """The shop whose intake address ends in this token; works before any tenant is known."""
    digest = _digest(token)
    with locator_scope("shop_digest", digest):
        return Shop.across_tenants.filter(intake_digest=digest).first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
