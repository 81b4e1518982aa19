"""A demo tenant with its team, its key, its shop and its community."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from decommerce.community.demo.credentials import TenantCredentials
from decommerce.community.demo.planting import is_planted, plant
from decommerce.community.demo.theme import Theme
from decommerce.community.founding import found_tenant, seat
from decommerce.community.models import Shop
from decommerce.community.shopify.shops import connect_shop, find_shop, intake_url
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import KeyRefused, authenticate_key, create_key, revoke_key
from decommerce.tenancy.models import ApiKey, Tenant, User
from decommerce.tenancy.principal import SCOPES, system_principal

KEY_NAME = "Demo"
# Tells whoever runs the command what had to be made.
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Login:
    email: str
    password: str


def set_up_tenant(theme: Theme, known: TenantCredentials, say: Say) -> TenantCredentials:
    """Bring one demo tenant into being; what is `known` and still opens it is kept, what does not is made anew."""
    tenant = Tenant.objects.filter(slug=theme.slug).first()
    if tenant is None:
        say(f"Founding {theme.name}")
        tenant = found_tenant(theme.name, theme.slug, theme.timezone)
    admin = _login(tenant, "owner", f"owner@{theme.slug}.example", "Olivia Owner", known.admin_password, say)
    moderator = _login(
        tenant,
        "moderator",
        f"moderator@{theme.slug}.example",
        "Milo Moderator",
        known.moderator_password,
        say,
    )
    key = _key(tenant, known.mcp_key, say)
    url, secret = _shop(tenant, theme, known, say)
    with tenant_scope(tenant.pk):
        if not is_planted():
            say(f"Writing the community of {theme.name}")
            plant(theme, Shop.objects.get(domain=theme.shop), timezone.now())
    return TenantCredentials(
        slug=theme.slug,
        name=tenant.name,
        admin_email=admin.email,
        admin_password=admin.password,
        moderator_email=moderator.email,
        moderator_password=moderator.password,
        mcp_key=key,
        shop_url=url,
        shop_secret=secret,
    )


def _login(tenant: Tenant, role: str, email: str, name: str, password: str, say: Say) -> _Login:
    person = User.objects.filter(email=email).first()
    if person is not None and person.check_password(password):
        return _Login(email, password)
    fresh = password or secrets.token_urlsafe(9)
    person = seat(tenant, email, role, display_name=name, password=fresh)
    if not person.check_password(fresh):
        say(f"The password of {email} was lost; it has a new one")
        person.set_password(fresh)
        person.save(update_fields=["password"])
    return _Login(email, fresh)


def _key(tenant: Tenant, secret: str, say: Say) -> str:
    if secret and _opens(secret, tenant):
        return secret
    principal = system_principal(tenant.pk, "manage.py seed_demo")
    with tenant_scope(tenant.pk):
        lost = list(ApiKey.objects.filter(name=KEY_NAME, revoked_at=None).values_list("pk", flat=True))
        for key_id in lost:
            revoke_key(principal, key_id)
        if lost:
            say(f"The demo's API key of {tenant.name} was lost; there is a new one")
        return create_key(principal, KEY_NAME, SCOPES)[1]


def _opens(secret: str, tenant: Tenant) -> bool:
    try:
        return authenticate_key(secret).tenant_id == tenant.pk
    except KeyRefused:
        return False


def _shop(tenant: Tenant, theme: Theme, known: TenantCredentials, say: Say) -> tuple[str, str]:
    with tenant_scope(tenant.pk):
        connected = Shop.objects.filter(domain=theme.shop).exists()
    if connected and known.shop_url:
        token = known.shop_url.rstrip("/").rpartition("/")[2]
        shop = find_shop(token)
        if shop is not None and shop.tenant_id == tenant.pk and shop.webhook_secret == known.shop_secret:
            return intake_url(token), known.shop_secret
    if connected:
        say(f"The shop of {tenant.name} has a new address, the old one was lost")
    with tenant_scope(tenant.pk):
        fresh = connect_shop(theme.shop)
        return fresh.url, fresh.webhook_secret
