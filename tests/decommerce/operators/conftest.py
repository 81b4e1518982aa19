"""Operators, and their browsers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory

from decommerce.operators.sessions import COOKIE, begin
from decommerce.tenancy.models import User


@pytest.fixture
def appoint(owner_connection) -> Callable[[Any], None]:
    """Make a person an operator, as the owner of the tables."""

    def make(person: Any) -> None:
        owner_connection.execute("INSERT INTO tenancy_operator (user_id, created_at) VALUES (%s, now())", [person.pk])

    return make


@pytest.fixture
def operator(appoint) -> User:
    """Somebody who runs the platform and belongs to no tenant."""
    person = User.objects.create_user(f"{uuid.uuid4().hex}@platform.example", display_name="Operator")
    appoint(person)
    return person


@pytest.fixture
def visitor() -> Client:
    """Somebody whose address no other test uses."""
    return Client(REMOTE_ADDR=f"2001:db8:{uuid.uuid4().hex[:4]}::2")


@pytest.fixture
def desk(visitor, operator) -> Client:
    """The operators' pages with the operator signed in; no tenant is chosen."""
    request = RequestFactory().get("/operators/")
    request.session = SessionStore()
    request.session[SESSION_KEY] = str(operator.pk)
    request.session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    request.session[HASH_SESSION_KEY] = operator.get_session_auth_hash()
    begin(request)
    request.session.save()
    visitor.cookies[COOKIE] = request.session.session_key
    return visitor


@pytest.fixture
def in_tenant(desk, tenant) -> Client:
    """The same, looking at `tenant`."""
    assert desk.post("/operators/enter/", {"tenant": tenant.pk}).status_code == 302
    return desk
