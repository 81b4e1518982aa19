"""API keys: hashed, shown once, scoped, expiring, rotated with overlap (SEC-04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import (
    KeyEnded,
    KeyRefused,
    UnknownScope,
    authenticate_key,
    create_key,
    revoke_key,
    rotate_key,
)
from decommerce.tenancy.models import ApiKey
from decommerce.tenancy.principal import PermissionRefused, Principal, system_principal

pytestmark = pytest.mark.requirement("SEC-04")


def test_a_key_names_its_tenant_and_its_scopes_and_nothing_else(tenant, principal):
    with tenant_scope(tenant.pk):
        key, secret = create_key(principal, "Agent", ["apps:read", "apps:run"])
    found = authenticate_key(secret)
    assert (found.kind, found.id, found.tenant_id) == ("api_key", key.pk, tenant.pk)
    assert found.scopes == {"apps:read", "apps:run"}


def test_the_secret_is_nowhere_in_the_database(tenant, principal, owner_connection):
    with tenant_scope(tenant.pk):
        key, secret = create_key(principal, "Agent", ["apps:read"])
    stored = owner_connection.execute("SELECT row_to_json(k)::text FROM tenancy_apikey k WHERE id = %s", [key.pk])
    text = stored.fetchone()[0]
    assert secret not in text
    assert key.prefix in text
    assert secret.startswith(key.prefix)


def test_an_unknown_key_is_refused():
    with pytest.raises(KeyRefused, match="not known"):
        authenticate_key("dk_nobody")


def test_an_expired_key_is_refused(tenant, principal):
    with tenant_scope(tenant.pk):
        old, secret = create_key(principal, "Old", ["apps:read"], expires_at=timezone.now() + timedelta(seconds=60))
        ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(KeyRefused, match="expired"):
        authenticate_key(secret)


def test_a_revoked_key_is_refused(tenant, principal):
    with tenant_scope(tenant.pk):
        key, secret = create_key(principal, "Leaked", ["apps:read"])
        revoke_key(principal, key.pk)
    with pytest.raises(KeyRefused, match="revoked"):
        authenticate_key(secret)


def test_rotation_keeps_the_old_key_good_for_the_overlap_only(tenant, principal):
    with tenant_scope(tenant.pk):
        key, old = create_key(principal, "Agent", ["apps:read"])
        successor, new = rotate_key(principal, key.pk, overlap=timedelta(hours=1))
    assert authenticate_key(old).id == key.pk
    assert authenticate_key(new).id == successor.pk
    with tenant_scope(tenant.pk):
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    with pytest.raises(KeyRefused):
        authenticate_key(old)
    assert authenticate_key(new).scopes == {"apps:read"}


def test_a_key_that_has_ended_has_no_successor(tenant, principal):
    with tenant_scope(tenant.pk):
        key, _ = create_key(principal, "Leaked", ["apps:read"])
        revoke_key(principal, key.pk)
        with pytest.raises(KeyEnded):
            rotate_key(principal, key.pk)


def test_nobody_makes_a_key_that_may_do_more_than_they(tenant):
    limited = Principal("user", 1, "Limited", tenant.pk, frozenset({"admin", "apps:read"}))
    with tenant_scope(tenant.pk), pytest.raises(PermissionRefused, match="apps:write"):
        create_key(limited, "Too much", ["apps:write"])


def test_a_scope_that_does_not_exist_is_refused(tenant, principal):
    with tenant_scope(tenant.pk), pytest.raises(UnknownScope, match="apps:everything"):
        create_key(principal, "Wrong", ["apps:everything"])


def test_a_key_of_another_tenant_cannot_be_revoked(tenant, other_tenant, principal):
    with tenant_scope(other_tenant.pk):
        key, _ = create_key(system_principal(other_tenant.pk, "x"), "Theirs", ["apps:read"])
    with tenant_scope(tenant.pk), pytest.raises(Exception, match="no API key"):
        revoke_key(principal, key.pk)
