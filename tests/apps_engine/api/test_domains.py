"""The domains that webhooks may reach, over REST (ACT-02)."""

from __future__ import annotations

import pytest

from tests.apps_engine.api.conftest import Api, key_of

pytestmark = pytest.mark.requirement("ACT-02")


def test_a_domain_is_allowed_listed_and_removed(api):
    made = api.post("domains", {"pattern": "Hooks.Example.com"})
    assert made.status_code == 201
    assert made.json()["pattern"] == "hooks.example.com"
    assert [row["pattern"] for row in api.get("domains").json()["items"]] == ["hooks.example.com"]
    assert api.call("DELETE", f"domains/{made.json()['id']}").status_code == 204
    assert api.get("domains").json()["items"] == []


def test_the_secret_is_for_admins_and_changes_when_it_is_rotated(api, tenant):
    made = api.post("domains", {"pattern": "*.example.com"}).json()
    assert made["secret"].startswith("whsec_")
    assert api.get(f"domains/{made['id']}").json()["secret"] == made["secret"]
    rotated = api.post(f"domains/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    assert "whsec_" not in api.get("domains").content.decode()
    reader = Api(key_of(tenant, ["apps:read"]))
    assert reader.get("domains").status_code == 200
    assert reader.get(f"domains/{made['id']}").status_code == 403
    assert reader.post("domains", {"pattern": "evil.example.com"}).status_code == 403


@pytest.mark.parametrize("pattern", ["127.0.0.1", "http://example.com", "*", "*.com*", "localhost", "a b", "[::1]"])
def test_what_is_no_domain_is_refused_with_a_code(api, pattern):
    refused = api.post("domains", {"pattern": pattern})
    assert refused.status_code == 422
    assert refused.json()["code"]


def test_the_same_domain_twice_is_a_conflict(api):
    api.post("domains", {"pattern": "example.com"})
    refused = api.post("domains", {"pattern": "EXAMPLE.com."})
    assert (refused.status_code, refused.json()["code"]) == (409, "domain_already_allowed")
