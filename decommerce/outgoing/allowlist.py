"""The tenant's list of domains, and the policy and secrets that follow from it. All need the tenant's scope."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from decommerce.outgoing.domains import covering, normalise_host, normalise_pattern
from decommerce.outgoing.models import AllowedDomain
from decommerce.outgoing.policy import Policy
from decommerce.outgoing.signature import PREFIX
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import Principal

# A receiver has this long to learn its new secret: until then each message bears both signatures.
ROTATION_OVERLAP = timedelta(days=7)


class DomainAlreadyAllowed(PlatformError):
    """The entry is on the list."""

    code = "domain_already_allowed"
    status = 409


def allowed_domains(principal: Principal) -> QuerySet[AllowedDomain]:
    """The tenant's list by name."""
    principal.require("apps:read")
    return AllowedDomain.objects.all()


def find_domain(domain_id: int) -> AllowedDomain:
    """The entry of that number; raises NotFound."""
    domain = AllowedDomain.objects.filter(pk=domain_id).first()
    if domain is None:
        raise NotFound(f"There is no allowed domain {domain_id}.", hint="Look at the list of allowed domains.")
    return domain


def allow_domain(principal: Principal, pattern: str) -> AllowedDomain:
    """Put `example.com` or `*.example.com` on the list; raises OutgoingUrlRefused or DomainAlreadyAllowed."""
    principal.require("admin")
    normal = normalise_pattern(pattern)
    domain, new = AllowedDomain.objects.get_or_create(pattern=normal, defaults={"added_by": principal.label[:200]})
    if not new:
        raise DomainAlreadyAllowed(f"{normal} is on the list already.")
    record_audit(principal, "domain.allowed", f"domain:{normal}")
    return domain


def remove_domain(principal: Principal, pattern: str) -> None:
    """Take an entry off the list. Calls that are on their way still end; none begins."""
    principal.require("admin")
    domain = _domain(pattern)
    domain.delete()
    record_audit(principal, "domain.removed", f"domain:{domain.pattern}")


def rotate_secret(principal: Principal, pattern: str) -> str:
    """A new signing secret for an entry; for seven days messages bear the old secret's signature too."""
    principal.require("admin")
    domain = _domain(pattern)
    AllowedDomain.objects.filter(pk=domain.pk).update(secret_version=F("secret_version") + 1, rotated_at=timezone.now())
    domain.refresh_from_db()
    record_audit(principal, "domain.secret_rotated", f"domain:{domain.pattern}", {"version": domain.secret_version})
    return _secret(domain, domain.secret_version)


def signing_secret(principal: Principal, pattern: str) -> str:
    """The secret that the receiver verifies with, `whsec_...`; it can be shown again at any time."""
    principal.require("admin")
    domain = _domain(pattern)
    return _secret(domain, domain.secret_version)


def policy_for_current_tenant() -> Policy:
    """Where the tenant's calls may go, with the operator's settings."""
    return _operators_policy(tuple(AllowedDomain.objects.values_list("pattern", flat=True)))


def policy_for_hosts(hosts: Iterable[str]) -> Policy:
    """Where the platform itself may call: these hosts and nothing they redirect to. Needs no tenant."""
    return replace(_operators_policy(tuple(normalise_host(host) for host in hosts)), max_redirects=0)


def signing_secrets(host: str) -> tuple[str, ...]:
    """The secrets to sign a message to this host with, newest first; empty where no entry covers the host."""
    domains = {domain.pattern: domain for domain in AllowedDomain.objects.all()}
    pattern = covering(domains, host)
    if pattern is None:
        return ()
    domain = domains[pattern]
    rotating = domain.rotated_at is not None and domain.rotated_at > timezone.now() - ROTATION_OVERLAP
    versions = range(domain.secret_version, domain.secret_version - 1 - rotating, -1)
    return tuple(_secret(domain, version) for version in versions)


def _operators_policy(domains: tuple[str, ...]) -> Policy:
    """OUTGOING_PORTS lists ports besides 443; OUTGOING_HOSTS pins hosts to addresses as `host=address`, which may be
    inside the operator's own network; OUTGOING_CA_BUNDLE is a file of authorities trusted besides the public ones. All
    are optional.
    """
    return Policy(
        domains=domains,
        ports=frozenset({443, *settings.OUTGOING_PORTS}),
        pinned=_pinned(settings.OUTGOING_HOSTS),
        ca_bundle=settings.OUTGOING_CA_BUNDLE or None,
    )


def _pinned(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
    pinned: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        host, _, address = entry.partition("=")
        name = normalise_host(host)
        pinned[name] = (*pinned.get(name, ()), address)
    return pinned


def _domain(pattern: str) -> AllowedDomain:
    normal = normalise_pattern(pattern)
    domain = AllowedDomain.objects.filter(pattern=normal).first()
    if domain is None:
        raise NotFound(f"{normal} is not on the list.", hint="Look at the list of allowed domains.")
    return domain


def _secret(domain: AllowedDomain, version: int) -> str:
    """Derived and never stored, so that a copy of the database signs nothing."""
    master = (settings.OUTGOING_SIGNING_KEY or settings.SECRET_KEY).encode()
    subject = f"outgoing.signature/{domain.tenant_id}/{domain.pk}/{version}".encode()
    return PREFIX + base64.b64encode(hmac.digest(master, subject, hashlib.sha256)).decode()
