"""API keys over REST (SEC-04)."""

from __future__ import annotations

import pytest

from tests.apps_engine.api.conftest import Api, key_of

pytestmark = pytest.mark.requirement("SEC-04")


def test_a_secret_is_shown_once(api):
    made = api.post("keys", {"name": "Agent", "scopes": ["apps:read"]})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert Api(secret).get("apps").status_code == 200
    listed = api.get("keys")
    assert secret not in listed.content.decode()
    row = next(row for row in listed.json()["items"] if row["name"] == "Agent")
    assert (row["scopes"], row["revoked_at"]) == (["apps:read"], None)
    assert row["last_used_at"] is not None


def test_nobody_makes_a_key_that_may_do_more_than_they(tenant):
    limited = Api(key_of(tenant, ["admin", "apps:read"]))
    refused = limited.post("keys", {"name": "More", "scopes": ["apps:write"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_refused")


def test_keys_are_for_admins_only(tenant):
    reader = Api(key_of(tenant, ["apps:read"]))
    assert reader.get("keys").status_code == 403
    assert reader.post("keys", {"name": "Mine", "scopes": ["apps:read"]}).status_code == 403


def test_a_rotated_key_stays_good_for_the_overlap_and_no_longer(api):
    made = api.post("keys", {"name": "Agent", "scopes": ["apps:read"]}).json()
    with_overlap = api.post(f"keys/{made['id']}/rotate", {"overlap_hours": 1}).json()
    assert Api(made["secret"]).get("apps").status_code == 200
    at_once = api.post(f"keys/{with_overlap['id']}/rotate", {"overlap_hours": 0}).json()
    assert Api(with_overlap["secret"]).get("apps").status_code == 401
    assert Api(at_once["secret"]).get("apps").status_code == 200


def test_a_revoked_key_ends_at_once(api):
    made = api.post("keys", {"name": "Agent", "scopes": ["apps:read"]}).json()
    assert api.call("DELETE", f"keys/{made['id']}").status_code == 204
    assert Api(made["secret"]).get("apps").status_code == 401


def test_a_key_that_would_end_before_it_begins_is_refused(api):
    refused = api.post("keys", {"name": "Old", "scopes": ["apps:read"], "expires_at": "2001-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["code"]) == (422, "in_the_past")


def test_a_key_that_would_be_good_for_longer_than_ten_years_is_refused(api):
    refused = api.post("keys", {"name": "Far", "scopes": ["apps:read"], "expires_at": "9999-12-31T23:59:59Z"})
    assert (refused.status_code, refused.json()["code"]) == (422, "too_late")
