"""People at the pages, tools in their hands, and a run without a worker process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from apps_engine.services.apps import create_app
from apps_engine.services.execute import execute
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.principal import Principal
from tests.anthropic_server import AnthropicServer, anthropic_server
from tests.chat.definitions import digest
from tests.chat.live import MODEL_KEY, Visitor
from tests.web_server import WebServer, web_server

Signed = Callable[..., Client]


@pytest.fixture
def signed_in() -> Signed:
    """A browser in which somebody is signed in."""

    def sign_in(person: Any, *, csrf: bool = False) -> Client:
        browser = Client(enforce_csrf_checks=csrf)
        browser.force_login(person)
        return browser

    return sign_in


@pytest.fixture
def admin(signed_in, admin_user) -> Client:
    """The browser of the tenant's owner."""
    return signed_in(admin_user)


@pytest.fixture
def person(admin_user, tenant) -> Principal:
    """The tenant's owner as a principal."""
    return principal_of(admin_user, tenant.pk)


@pytest.fixture
def member_of() -> Callable[..., Member]:
    """The member of the community that a person who signs in is."""

    def find(user: Any, tenant: Any) -> Member:
        with tenant_scope(tenant.pk):
            return Member.objects.get(membership__user=user)

    return find


@pytest.fixture
def make_app(person) -> Callable[..., int]:
    """An active app of the tenant; returns its number."""

    def make(name: str = "Weekly digest", **more: Any) -> int:
        with tenant_scope(person.tenant_id):
            return create_app(person, {**digest(name), **more}).pk

    return make


@pytest.fixture
def run_to_its_end(person) -> Callable[[int], int]:
    """Run an app by hand and to its end; returns the run's number."""

    def run(app_id: int) -> int:
        with tenant_scope(person.tenant_id):
            execution = run_app(person, app_id)
        (claimed,) = claim("the test", 1, [execution.pk])
        execute(claimed)
        return execution.pk

    return run


@pytest.fixture(scope="session")
def shared_provider() -> Iterator[AnthropicServer]:
    with anthropic_server() as server:
        yield server


@pytest.fixture(scope="session")
def chat(shared_provider, service_environment, database, tmp_path_factory) -> Iterator[WebServer]:
    """A web process with an AI model connected."""
    connected = {
        "ANTHROPIC_API_KEY": MODEL_KEY,
        "ANTHROPIC_BASE_URL": shared_provider.url,
        "DECOMMERCE_DATABASE_POOL": "4",
    }
    log = tmp_path_factory.mktemp("chat") / "web.log"
    with web_server({**service_environment, **connected}, log) as server:
        yield server


@pytest.fixture
def provider(shared_provider) -> AnthropicServer:
    shared_provider.script.clear()
    shared_provider.requests.clear()
    return shared_provider


@pytest.fixture
def visitor(chat, admin_user) -> Visitor:
    return Visitor(chat.url, admin_user)
