"""No endpoint shows or changes another tenant's things (SEC-01).

The tests walk the list of addresses, so that a new endpoint is tested the day it is added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.utils import timezone

from apps_engine.api.urls import api_urls
from apps_engine.store.models import App, Effect, EventInbox, Execution, Shadow
from decommerce.accounts.models import ConnectedAccount
from decommerce.community.models import DeadAddress, OutboundMessage
from decommerce.outgoing.models import AllowedDomain
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import ApiKey, AuditEntry, User
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("SEC-01")

METHODS = ("get", "post", "put", "patch", "delete")
# Names no tenant, so anyone may read it.
PUBLIC = {"api-openapi"}
# What a key may read whatever its scopes: what the platform is made of, and one's own.
FOR_EVERYBODY = {*PUBLIC, "api-catalogue", "api-schema", "api-accounts"}
# What a request must carry to come as far as the tenant's data; an address that is not here takes an empty body.
BODIES = {
    ("api-app", "put"): {"definition": short_list(name="Stolen")},
    ("api-app", "patch"): {"definition": {"description": "Stolen"}},
    ("api-app-shadow", "post"): {"definition": short_list(name="Stolen")},
    ("api-app-tool", "put"): {"offered": True},
    ("api-effect-settle", "post"): {"outcome": "done"},
    ("api-message-settle", "post"): {"outcome": "arrived"},
}


@dataclass(frozen=True)
class Endpoint:
    """One method of one address."""

    name: str
    method: str
    route: str

    def path(self, **numbers: int) -> str:
        """The path below the prefix, with numbers for its parameters."""
        path = self.route.removeprefix("api/v1/")
        for parameter, number in numbers.items():
            path = path.replace(f"<int:{parameter}>", str(number))
        return path.replace("<slug:slug>", "weekly-digest").replace("<slug:trigger>", "start")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def endpoints() -> Iterator[Endpoint]:
    """Every method of every address, the catch-all apart."""
    for pattern in api_urls:
        view = pattern.callback.view_class
        for method in METHODS:
            if hasattr(view, method):
                yield Endpoint(pattern.name, method, str(pattern.pattern))


ENDPOINTS = list(endpoints())
# A ready-made app is nobody's: it has a short name, and no number.
OF_ONE_THING = [endpoint for endpoint in ENDPOINTS if "<int:" in endpoint.route]
LISTS = [endpoint for endpoint in ENDPOINTS if "<" not in endpoint.route and endpoint.method == "get"]


@pytest.fixture
def their_things(other_api, other_tenant) -> dict[str, int]:
    """An app, a run, a key, a domain and an account of the other tenant, all with telling names."""
    app = other_api.post("apps", {"definition": short_list(name="Their secret app")}).json()
    run = other_api.post(f"apps/{app['id']}/run").json()
    key = other_api.post("keys", {"name": "Their secret key", "scopes": ["apps:read"]}).json()
    domain = other_api.post("domains", {"pattern": "their-secret.example.com"}).json()
    with tenant_scope(other_tenant.pk):
        owner = User.objects.create_user(f"secret@{other_tenant.slug}.example", display_name="Their secret person")
        account = ConnectedAccount.objects.create(
            user=owner,
            subject="1",
            name="Their secret name",
            email="their-secret@example.com",
            expires_at=timezone.now(),
        )
        call = Effect.objects.create(
            execution_id=run["id"], idem_key="1", path="main/a", action="webhook", fence=1, state="unknown"
        )
        message = OutboundMessage.objects.create(
            channel="email",
            to_address="their-secret@example.org",
            subject="Their secret",
            message_id="<1@example.org>",
            idem_key="1",
            state="unknown",
        )
        address = DeadAddress.objects.create(address="their-secret@example.org")
        event = EventInbox.objects.create(
            event_id="Their secret event",
            source="/theirs",
            dedupe_key="1",
            type="post.created",
            time=timezone.now(),
            data={},
        )
    numbers = {
        "event_number": event.pk,
        "app_id": app["id"],
        "run_id": run["id"],
        "key_id": key["id"],
        "domain_id": domain["id"],
    }
    return {
        **numbers,
        "account_id": account.pk,
        "effect_id": call.pk,
        "address_id": address.pk,
        "message_id": message.pk,
    }


def test_the_walk_finds_the_endpoints():
    assert len(ENDPOINTS) >= 20
    things = ("event_number", "app_id", "run_id", "key_id", "domain_id", "account_id", "effect_id", "address_id")
    numbers = (*things, "message_id")
    # A trigger has a name, within its app.
    assert {"<slug:trigger>", *(f"<int:{number}>" for number in numbers)} == {
        part for endpoint in OF_ONE_THING for part in endpoint.route.split("/") if part.startswith("<")
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_nobody_comes_in_without_credentials(endpoint, stranger, their_things):
    response = stranger.call(
        endpoint.method, endpoint.path(**their_things), BODIES.get((endpoint.name, endpoint.method))
    )
    assert response.status_code == (200 if endpoint.name in PUBLIC else 401)


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_a_key_without_scopes_sees_and_changes_nothing(endpoint, tenant, their_things):
    nobody = Api(key_of(tenant, []))
    # The first request of a key leaves the time of its use.
    nobody.get("schema")
    before = snapshot(tenant)
    body = BODIES.get((endpoint.name, endpoint.method), {})
    response = nobody.call(endpoint.method, endpoint.path(**their_things), body)
    if endpoint.name in FOR_EVERYBODY:
        assert response.status_code in (200, 404)
    else:
        # What is told before the scope is asked for is at most that the request itself makes no sense.
        assert response.status_code in (400, 403, 404, 415), response.content
        assert "secret" not in response.content.decode().lower()
    assert snapshot(tenant) == before


@pytest.mark.parametrize("endpoint", OF_ONE_THING, ids=str)
def test_another_tenants_thing_is_the_same_as_none(endpoint, api, their_things, other_tenant):
    before = snapshot(other_tenant)
    body = BODIES.get((endpoint.name, endpoint.method), {})
    theirs = api.call(endpoint.method, endpoint.path(**their_things), body)
    none = api.call(endpoint.method, endpoint.path(**dict.fromkeys(their_things, 10**15)), body)
    assert (theirs.status_code, none.status_code) == (404, 404), theirs.content
    assert theirs.json()["code"] == none.json()["code"]
    assert "secret" not in theirs.content.decode()
    assert snapshot(other_tenant) == before


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_no_list_shows_another_tenants_things(endpoint, api, their_things):
    response = api.call("get", endpoint.path())
    assert response.status_code == 200
    assert "Their secret" not in response.content.decode()
    assert "their-secret" not in response.content.decode()


def snapshot(tenant) -> list:
    """Everything that these endpoints could change."""
    with tenant_scope(tenant.pk):
        return [
            list(App.objects.order_by("pk").values()),
            list(Execution.objects.order_by("pk").values()),
            list(Shadow.objects.order_by("pk").values()),
            list(Effect.objects.order_by("pk").values()),
            list(ApiKey.objects.order_by("pk").values()),
            list(AllowedDomain.objects.values()),
            list(ConnectedAccount.objects.values()),
            list(DeadAddress.objects.values()),
            list(OutboundMessage.objects.values()),
            AuditEntry.objects.count(),
        ]
