"""The tenant's list, the policy that follows from it, signing secrets, and the record of calls, in PostgreSQL."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from decommerce.outgoing.allowlist import (
    DomainAlreadyAllowed,
    allow_domain,
    allowed_domains,
    policy_for_current_tenant,
    remove_domain,
    rotate_secret,
    signing_secret,
    signing_secrets,
)
from decommerce.outgoing.errors import OutgoingUrlRefused
from decommerce.outgoing.models import AllowedDomain, OutgoingCall
from decommerce.outgoing.record import CallRecord, Hop
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import PermissionRefused, Principal, system_principal

pytestmark = pytest.mark.requirement("ACT-02")


def test_a_domain_is_allowed_in_one_spelling_and_audited(scope, principal):
    allow_domain(principal, "*.Example.COM.")
    assert [domain.pattern for domain in allowed_domains(principal)] == ["*.example.com"]
    assert policy_for_current_tenant().domains == ("*.example.com",)
    assert AuditEntry.objects.get(verb="domain.allowed").target == "domain:*.example.com"


def test_a_domain_is_allowed_once(scope, principal):
    allow_domain(principal, "example.com")
    with pytest.raises(DomainAlreadyAllowed):
        allow_domain(principal, "EXAMPLE.com")
    assert AllowedDomain.objects.count() == 1


def test_what_is_no_domain_is_refused_and_not_stored(scope, principal):
    with pytest.raises(OutgoingUrlRefused):
        allow_domain(principal, "10.0.0.1")
    assert not AllowedDomain.objects.exists()


def test_a_removed_domain_is_off_the_policy(scope, principal):
    allow_domain(principal, "example.com")
    remove_domain(principal, "Example.com")
    assert policy_for_current_tenant().domains == ()
    assert AuditEntry.objects.filter(verb="domain.removed").count() == 1
    with pytest.raises(NotFound):
        remove_domain(principal, "example.com")


@pytest.mark.parametrize("deed", [allow_domain, remove_domain, rotate_secret, signing_secret])
def test_only_an_admin_changes_the_list_or_sees_a_secret(scope, tenant, deed):
    moderator = Principal("user", 1, "Mo", tenant.pk, frozenset({"apps:read", "apps:write"}), "moderator")
    with pytest.raises(PermissionRefused):
        deed(moderator, "example.com")


@pytest.mark.requirement("SEC-01")
def test_another_tenants_list_opens_nothing_here(tenant, other_tenant, principal):
    with tenant_scope(other_tenant.pk):
        allow_domain(system_principal(other_tenant.pk, "the test"), "example.com")
    with tenant_scope(tenant.pk):
        assert policy_for_current_tenant().domains == ()
        assert signing_secrets("example.com") == ()
        allow_domain(principal, "example.com")  # the same name, in a list of its own


@pytest.mark.requirement("SEC-02")
def test_without_settings_of_the_operator_only_public_addresses_and_port_443_pass(scope):
    policy = policy_for_current_tenant()
    assert policy.ports == {443}
    assert policy.refuse_address("127.0.0.1")
    assert policy.refuse_address("8.8.8.8") is None
    assert policy.ca_bundle is None


def test_an_operator_may_open_ports_and_pin_single_hosts_to_inside_addresses(scope, settings):
    settings.OUTGOING_PORTS = [8443]
    settings.OUTGOING_HOSTS = ["Inside.example.com=10.1.2.3", "inside.example.com=fd12::1", "b.example.com=10.1.2.4"]
    settings.OUTGOING_CA_BUNDLE = "/authorities.pem"
    policy = policy_for_current_tenant()
    assert policy.ports == {443, 8443}
    assert policy.pinned == {"inside.example.com": ("10.1.2.3", "fd12::1"), "b.example.com": ("10.1.2.4",)}
    assert policy.refuse_address("10.1.2.3")
    assert policy.ca_bundle == "/authorities.pem"


def test_each_entry_of_each_tenant_has_a_secret_of_its_own_and_it_stays_the_same(
    tenant, other_tenant, principal, settings
):
    with tenant_scope(tenant.pk):
        allow_domain(principal, "example.com")
        allow_domain(principal, "*.example.com")
        secret = signing_secret(principal, "example.com")
        assert signing_secrets("example.com") == (secret,)
        assert signing_secrets("hooks.example.com") == (signing_secret(principal, "*.example.com"),)
    with tenant_scope(other_tenant.pk):
        other = system_principal(other_tenant.pk, "the test")
        allow_domain(other, "example.com")
        assert signing_secrets("example.com") != (secret,)
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    settings.OUTGOING_SIGNING_KEY = "another key"
    with tenant_scope(tenant.pk):
        assert signing_secret(principal, "example.com") != secret


def test_a_rotated_secret_overlaps_with_the_old_one_for_a_week(scope, principal):
    allow_domain(principal, "example.com")
    old = signing_secret(principal, "example.com")
    new = rotate_secret(principal, "example.com")
    assert signing_secrets("example.com") == (new, old)
    AllowedDomain.objects.update(rotated_at=timezone.now() - timedelta(days=7, seconds=1))
    assert signing_secrets("example.com") == (new,)


def record(**changes) -> CallRecord:
    fields = {
        "method": "POST",
        "host": "example.com",
        "port": 443,
        "path": "/orders",
        "status": 200,
        "code": "",
        "sent": True,
        "request_bytes": 10,
        "response_bytes": 20,
        "duration_ms": 30,
        "hops": (Hop("example.com", 307), Hop("example.com", 200)),
        "request_headers": {"content-type": "text/plain"},
    }
    return CallRecord(**{**fields, **changes})


def test_a_call_is_recorded_as_it_was(tenant):
    with tenant_scope(tenant.pk):
        OutgoingCall.of(record(), app_id=4, execution_id=5).save()
    with tenant_scope(tenant.pk):
        call = OutgoingCall.objects.get()
    assert (call.app_id, call.execution_id, call.host, call.status, call.sent) == (4, 5, "example.com", 200, True)
    assert call.hops == [{"host": "example.com", "status": 307}, {"host": "example.com", "status": 200}]
    assert call.request_headers == {"content-type": "text/plain"}


@pytest.mark.requirement("SEC-05")
def test_a_recorded_call_is_neither_changed_nor_deleted(tenant):
    with tenant_scope(tenant.pk):
        OutgoingCall.of(record()).save()
    for change in (lambda rows: rows.update(host="other"), lambda rows: rows.delete()):
        with pytest.raises(ProgrammingError), tenant_scope(tenant.pk), transaction.atomic():
            change(OutgoingCall.objects.all())
