"""Operators, and their browsers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def make_operator(owner_connection, make_person, make_tenant) -> Callable[[], Any]:
    """A person who runs the platform; what they are in a tenant of theirs says nothing about it."""

    def make() -> Any:
        person = make_person(make_tenant("Home"), "member")
        owner_connection.execute("INSERT INTO tenancy_operator (user_id, created_at) VALUES (%s, now())", [person.pk])
        return person

    return make


@pytest.fixture
def operator(make_operator) -> Any:
    return make_operator()


@pytest.fixture
def visitor() -> Client:
    """Somebody whose address no other test uses."""
    return Client(REMOTE_ADDR=f"2001:db8:{uuid.uuid4().hex[:4]}::2")


def sign_in(browser: Client, person: Any) -> Any:
    return browser.post("/operators/login/", {"username": person.email, "password": person.raw_password})


@pytest.fixture
def desk(visitor, operator) -> Client:
    """The operators' pages with the operator signed in; no tenant is chosen."""
    assert sign_in(visitor, operator).status_code == 302
    return visitor


@pytest.fixture
def in_tenant(desk, tenant) -> Client:
    """The same, looking at `tenant`."""
    assert desk.post("/operators/enter/", {"tenant": tenant.pk}).status_code == 302
    return desk
