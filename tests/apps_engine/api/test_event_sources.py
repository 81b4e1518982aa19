"""No program speaks for another: the source of a key is its own; and the binary mode of CloudEvents (TRG-08)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_engine.store.models import EventInbox
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import ApiKey
from tests.apps_engine.api.conftest import Api
from tests.apps_engine.api.definitions import written_post

pytestmark = pytest.mark.requirement("TRG-08")

ONE = "application/cloudevents+json"
HEADERS = {"ce-specversion": "1.0", "ce-id": "post-1", "ce-source": "/caf%C3%A9", "ce-type": "post.created"}


def keyed(api: Api, source: str) -> Api:
    """A caller with a key that has a source to itself."""
    made = api.post("keys", {"name": source, "scopes": ["events:write"], "event_source": source})
    assert made.status_code == 201, made.content
    return Api(made.json()["secret"])


def send(caller: Api, source: str) -> tuple[int, str]:
    event = {"specversion": "1.0", "id": source, "source": source, "type": "post.created", "data": written_post("hi")}
    response = caller.client.post("/api/v1/events", json.dumps(event), content_type=ONE, headers={**caller.headers})
    told = response.json()
    return response.status_code, told["problems"][0]["path"] if "problems" in told else told["items"][0]["status"]


@pytest.mark.requirement("SEC-04")
def test_a_key_sends_from_its_own_source_and_below_it_and_nobody_else_does(api, tenant):
    billing = keyed(api, "/billing")
    europe = keyed(api, "/billing/eu")
    accepted, refused = (202, "accepted"), (422, "/source")
    assert [send(billing, source) for source in ("/billing", "/billing/us", "/shop", "/billings", "/billing/eu/1")] == [
        accepted,
        accepted,
        refused,
        refused,
        refused,
    ]
    assert [send(europe, source) for source in ("/billing/eu", "/billing/de")] == [accepted, refused]
    assert [send(api, source) for source in ("/shop", "/billing/fr", "/billing")] == [accepted, refused, refused]
    with tenant_scope(tenant.pk):
        ApiKey.objects.exclude(event_source="").update(expires_at=timezone.now() - timedelta(seconds=1))
    assert send(api, "/billing/fr") == accepted


def test_the_successor_of_a_key_has_its_source(api):
    key = api.post("keys", {"name": "Billing", "scopes": ["events:write"], "event_source": "/billing"}).json()
    new = api.post(f"keys/{key['id']}/rotate").json()
    assert new["event_source"] == "/billing"
    assert [send(Api(secret), "/billing") for secret in (key["secret"], new["secret"])] == [
        (202, "accepted"),
        (202, "duplicate"),
    ]


@pytest.mark.parametrize("source", ["billing", "/Billing", "//x", "/tenants/acme", "/a b", "https://x"])
def test_what_no_program_may_be_called_is_no_source(api, source):
    made = api.post("keys", {"name": "Key", "scopes": ["events:write"], "event_source": source})
    assert made.status_code in (400, 422)


def test_an_event_comes_in_the_binary_mode_too(api, tenant):
    body = json.dumps(written_post("in the body"))
    response = api.client.post(
        "/api/v1/events", body, content_type="application/json", headers={**api.headers, **HEADERS}
    )
    assert (response.status_code, response.json()["items"][0]["source"]) == (202, "/café"), response.content
    with tenant_scope(tenant.pk):
        row = EventInbox.objects.get(event_id="post-1")
        assert row.data["post"]["body"] == "in the body"


def test_json_without_the_headers_of_an_event_is_none(api):
    response = api.client.post("/api/v1/events", "{}", content_type="application/json", headers=api.headers)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
