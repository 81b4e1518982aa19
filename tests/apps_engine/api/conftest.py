"""A caller of the REST API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.principal import SCOPES, system_principal
from tests.apps_engine.api.commands import shell

__all__ = ["shell"]


class Api:
    """Calls the API with a key; bodies are JSON unless they are bytes already."""

    def __init__(self, secret: str | None) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method.upper(),
            f"/api/v1/{path}",
            data,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)


def key_of(tenant: Any, scopes: Any = SCOPES) -> str:
    """The secret of a new key."""
    with tenant_scope(tenant.pk):
        return create_key(system_principal(tenant.pk, "the test"), "Key", scopes)[1]


@pytest.fixture
def api(tenant) -> Api:
    """A caller with a key of `tenant` that may do everything."""
    return Api(key_of(tenant))


@pytest.fixture
def other_api(other_tenant) -> Api:
    """The same of `other_tenant`."""
    return Api(key_of(other_tenant))


@pytest.fixture
def stranger() -> Api:
    """A caller without credentials."""
    return Api(None)
