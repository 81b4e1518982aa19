"""Calls from other systems on an app's page: the address, the secret once, what came of them (TRG-06)."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps_engine.services.apps import create_app
from apps_engine.store.models import EventInbox, WebhookAddress
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.callers import github, listening

pytestmark = pytest.mark.requirement("TRG-06")


@pytest.fixture
def app(tenant, principal) -> int:
    """An app that GitHub calls."""
    with tenant_scope(tenant.pk):
        return create_app(principal, listening("github")).pk


def words(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def make(client, app: int, **form: str):
    return client.post(f"/apps/{app}/webhooks/start/secret/", form)


def test_an_admin_makes_the_secret_sees_it_once_and_sees_what_came_of_the_calls(admin, app, tenant):
    page = words(admin.get(f"/apps/{app}/"))
    assert "none yet: calls are refused until there is one" in page
    (address,) = re.findall(r"http://[^<]+/hooks/[\w-]+", page)
    answer = make(admin, app)
    assert "no-store" in answer["Cache-Control"]
    (secret,) = re.findall(r"\b[0-9a-f]{64}\b", words(answer))
    assert secret not in words(admin.get(f"/apps/{app}/"))
    body = b'{"action": "opened"}'
    path = urlsplit(address).path
    for headers in (github(secret, body), github(secret, body), github("another secret", body)):
        Client().post(path, body, content_type="application/json", headers=headers)
    page = words(admin.get(f"/apps/{app}/"))
    with tenant_scope(tenant.pk):
        event = EventInbox.objects.get()
    assert "webhook.received" in words(admin.get("/events/"))
    assert "Hears" in words(admin.get(f"/events/{event.pk}/"))
    for told in ("Taken in", "Known already, nothing happened", "Refused: the signature was wrong"):
        assert told in page


def test_a_secret_of_the_sender_is_taken_and_a_bad_one_is_explained(admin, app, tenant):
    refused = make(admin, app, secret="short")
    assert refused.status_code == 422
    assert "16 to 200 printable ASCII characters" in words(refused)
    assert "0123456789abcdef-sender" in words(make(admin, app, secret=" 0123456789abcdef-sender "))
    with tenant_scope(tenant.pk):
        assert WebhookAddress.objects.get().secret == "0123456789abcdef-sender"
    assert "The one before is believed for another day." in words(make(admin, app))
    assert "The one before" not in words(make(admin, app, end_old="1"))


@pytest.mark.requirement("SEC-01")
def test_a_moderator_sees_the_address_and_makes_no_secret_and_another_tenant_finds_none(
    signed_in, make_person, tenant, other_tenant, app
):
    moderator = signed_in(make_person(tenant, "moderator"))
    page = words(moderator.get(f"/apps/{app}/"))
    assert "/hooks/" in page
    assert "Make a secret" not in page
    assert make(moderator, app).status_code == 403
    rival = signed_in(make_person(other_tenant, "owner"))
    assert make(rival, app).status_code == 404
    with tenant_scope(tenant.pk):
        assert WebhookAddress.objects.get().secret == ""


def test_an_app_without_a_webhook_says_nothing_of_calls(admin, tenant, principal):
    quiet = {**listening(), "triggers": [{"id": "start", "type": "manual", "flow": "main"}]}
    quiet["flows"]["main"]["steps"][0]["params"] = {"data": {"told": 1}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, quiet).pk
    assert "Calls from other systems" not in words(admin.get(f"/apps/{app}/"))


@pytest.mark.parametrize(
    ("verify", "days", "told"),
    [
        ("github", None, "Known by its body for 30 days. After that it is a new call"),
        ("shopify", 7, "Known by its body for 7 days."),
        ("shopify", 0, "Known by its body, for as long as the platform runs."),
        ("standard_webhooks", None, "Known by its id; one signed more than 5 minutes ago is refused."),
    ],
)
def test_it_says_for_how_long_a_call_that_comes_again_is_known(admin, tenant, principal, settings, verify, days, told):
    settings.RETENTION_DAYS = {} if days is None else {"events": days}
    with tenant_scope(tenant.pk):
        app = create_app(principal, listening(verify)).pk
    assert told in words(admin.get(f"/apps/{app}/"))
