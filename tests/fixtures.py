"""What most tests need: tenants, people, keys, and a look from above the wall."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from functools import cache

import psycopg
import pytest
from django.contrib.auth.hashers import make_password

from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.models import Membership, Tenant, User
from decommerce.tenancy.principal import SCOPES, system_principal

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


@cache
def _stored_password() -> str:
    """As the database keeps it; made once, since it is made to take long."""
    return make_password(PASSWORD)


@pytest.fixture(scope="session")
def owners_connections() -> Iterator[list[psycopg.Connection]]:
    """One for all tests of a process; another where a test had the database end it."""
    connections: list[psycopg.Connection] = []
    yield connections
    for connection in connections:
        connection.close()


@pytest.fixture
def owner_connection(database, owners_connections) -> psycopg.Connection:
    """A connection that is above row level security: for a test to look, never for the code to use."""
    if not owners_connections or owners_connections[-1].closed:
        owners_connections.append(psycopg.connect(database, autocommit=True))
    return owners_connections[-1]


@pytest.fixture
def make_tenant(owner_connection) -> Callable[..., object]:
    """Make a tenant: only the owner can."""

    def make(name: str = "Tenant", timezone: str = "UTC") -> Tenant:
        slug = f"{name.lower().replace(' ', '-')}-{os.getpid()}-{next(_numbers)}"
        statement = (
            "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES (%s, %s, %s, now()) RETURNING id"
        )
        row = owner_connection.execute(statement, [slug, name, timezone]).fetchone()
        return Tenant.objects.get(pk=row[0])

    return make


@pytest.fixture
def tenant(make_tenant):
    """A fresh tenant."""
    return make_tenant("Acme")


@pytest.fixture
def other_tenant(make_tenant):
    """Another fresh tenant, whose rows must never be seen."""
    return make_tenant("Rival")


@pytest.fixture
def scope(tenant) -> Iterator[None]:
    """The whole test runs in the tenant's scope, in one transaction that commits at its end."""
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def principal(tenant):
    """Someone who may do everything in `tenant`."""
    return system_principal(tenant.pk, "the test")


@pytest.fixture
def make_person() -> Callable[..., object]:
    """Make a person who signs in with `role`; the password is in `person.raw_password`."""

    def make(tenant, role: str = "owner") -> User:
        number = next(_numbers)
        user = User.objects.create(
            email=f"person{number}.{os.getpid()}@{tenant.slug}.example",
            display_name=f"Person {number}",
            password=_stored_password(),
        )
        with tenant_scope(tenant.pk):
            Membership.objects.create(user=user, role=role)
        user.raw_password = PASSWORD
        return user

    return make


@pytest.fixture
def admin_user(make_person, tenant):
    """The owner of `tenant`, as a person."""
    return make_person(tenant, "owner")


@pytest.fixture
def api_key(tenant, principal) -> str:
    """The secret of an API key of `tenant` with every scope."""
    with tenant_scope(tenant.pk):
        return create_key(principal, "Test key", SCOPES)[1]


@pytest.fixture
def make_admin(make_person) -> Callable[..., Member]:
    """An admin of a tenant who is a member of its community too."""

    def make(tenant, role: str = "admin") -> Member:
        person = make_person(tenant, role)
        with tenant_scope(tenant.pk):
            return Member.objects.get(membership__user=person)

    return make
