"""The local Google, let through the door by the operator's settings, and people who connected their account there."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.accounts.models import ConnectedAccount
from decommerce.accounts.service import SERVICES
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership, User
from tests.decommerce.outgoing.conftest import LOCAL, authority
from tests.google_server.oauth import CLIENT_ID, CLIENT_SECRET, Permission
from tests.google_server.server import HOSTS, GoogleServer, running_google

__all__ = ["ann", "authority", "connect", "google", "make_colleague"]

_numbers = itertools.count(1)


@pytest.fixture
def google(authority, settings) -> Iterator[GoogleServer]:
    """A Google that the platform is registered at."""
    with running_google(authority.server_context(HOSTS)) as server:
        settings.OUTGOING_PORTS = [server.port]
        settings.OUTGOING_HOSTS = [f"{host}={LOCAL}" for host in HOSTS]
        settings.OUTGOING_CA_BUNDLE = str(authority.bundle)
        settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        settings.GOOGLE_CONSENT_URL = server.consent_url
        settings.GOOGLE_OAUTH_URL, settings.GMAIL_URL, settings.GOOGLE_CALENDAR_URL = map(server.url, HOSTS)
        yield server


@pytest.fixture
def make_colleague() -> Callable[..., User]:
    """Somebody of a team who never signs in with a password: hashing one takes longer than most of these tests."""

    def make(tenant, role: str = "owner") -> User:
        user = User.objects.create_user(f"colleague{next(_numbers)}.{os.getpid()}@{tenant.slug}.example")
        with tenant_scope(tenant.pk):
            Membership.objects.create(user=user, role=role)
        return user

    return make


@pytest.fixture
def ann(make_colleague, tenant) -> User:
    """The owner of the tenant, who makes apps and connects accounts."""
    return make_colleague(tenant)


@pytest.fixture
def connect(google) -> Callable[..., ConnectedAccount]:
    """Connect an account of a person, for services or scopes; `seconds` is how long its first token is good."""

    def connected(tenant, person, *services: str, seconds: float = 3599, **fields) -> ConnectedAccount:
        scopes = [SERVICES[name].scope if name in SERVICES else name for name in services]
        email = fields.pop("email", google.identity.email)
        permission: Permission = google.identity.permit(*scopes, email=email)
        values = {
            "user_id": person.pk,
            "subject": f"subject of {email}",
            "name": "default",
            "email": email,
            "scopes": scopes,
            "access_token": permission.new_access(seconds),
            "refresh_token": permission.refresh,
            "expires_at": timezone.now() + timedelta(seconds=seconds),
            **fields,
        }
        with tenant_scope(tenant.pk):
            account = ConnectedAccount.objects.create(**values)
        account.permission = permission
        return account

    return connected
