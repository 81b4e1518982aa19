"""Who may call the REST API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key, revoke_key
from decommerce.tenancy.models import ApiKey
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("SEC-04")


def test_a_caller_without_credentials_is_told_how_to_sign_in(stranger):
    response = stranger.get("apps")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_authenticated"


def test_an_unknown_key_is_refused():
    response = Api("dk_nobody").get("apps")
    assert (response.status_code, response.json()["code"]) == (401, "key_refused")


def test_an_expired_key_is_refused(tenant, principal):
    with tenant_scope(tenant.pk):
        key, secret = create_key(principal, "Old", ["apps:read"], expires_at=timezone.now() + timedelta(hours=1))
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert Api(secret).get("apps").status_code == 401


def test_a_revoked_key_is_refused(tenant, principal):
    with tenant_scope(tenant.pk):
        key, secret = create_key(principal, "Leaked", ["apps:read"])
        revoke_key(principal, key.pk)
    assert Api(secret).get("apps").status_code == 401


def test_a_key_does_what_its_scopes_allow_and_no_more(tenant):
    reader = Api(key_of(tenant, ["apps:read"]))
    assert reader.get("apps").status_code == 200
    refused = reader.post("apps", {"definition": short_list()})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_refused")
    assert "apps:write" in refused.json()["detail"]


def test_a_member_without_a_role_in_the_team_may_nothing(tenant, make_person):
    client = Client()
    client.force_login(make_person(tenant, "member"))
    response = client.get("/api/v1/apps")
    assert (response.status_code, response.json()["code"]) == (403, "permission_refused")


@pytest.mark.requirement("SEC-07")
def test_a_browser_session_reads_freely_and_writes_only_with_its_csrf_token(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.get("/api/v1/apps").status_code == 200

    body = {"definition": short_list()}
    refused = client.post("/api/v1/definitions/validate", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")

    token = "a" * 32
    client.cookies["csrftoken"] = token
    headers = {"X-CSRFToken": token}
    allowed = client.post("/api/v1/definitions/validate", body, content_type="application/json", headers=headers)
    assert allowed.status_code == 200


def test_a_key_needs_no_csrf_token_even_beside_a_session(admin_user, api_key):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    response = client.post(
        "/api/v1/definitions/validate",
        {"definition": short_list()},
        content_type="application/json",
        headers={"Authorization": f"Bearer {api_key}"},
    )
    assert response.status_code == 200
