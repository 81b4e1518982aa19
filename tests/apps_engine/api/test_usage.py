"""Usage over REST and from the shell."""

from __future__ import annotations

import json

import pytest

from tests.apps_engine.api.commands import complaint
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("RUN-07")


def runs_of(items: list) -> dict:
    return next(item for item in items if item["name"] == "executions_per_hour")


def test_usage_says_what_is_used_and_when_it_begins_anew(api):
    app = api.post("apps", {"definition": short_list()}).json()
    api.post(f"apps/{app['id']}/run")
    found = runs_of(api.get("usage").json()["items"])
    assert (found["used"], found["per"], found["overridden"]) == (1, "hour", False)
    assert found["resets_at"].endswith(":00:00Z")


def test_usage_needs_the_scope_to_see_apps(tenant):
    assert Api(key_of(tenant, ["data:read"])).get("usage").status_code == 403


def test_a_run_over_the_quota_is_refused_until_then(api, tenant, shell):
    app = api.post("apps", {"definition": short_list()}).json()
    assert shell("usage", "--tenant", tenant.slug, "--allow", "executions_per_hour=0").returncode == 0
    refused = api.post(f"apps/{app['id']}/run")
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_executions")
    assert "UTC" in refused.json()["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 3_600


def test_an_operator_allows_a_tenant_more_and_takes_it_back(tenant, other_tenant, shell):
    allowed = shell("usage", "--tenant", tenant.slug, "--allow", "emails_per_day=7", "--allow", "ai_calls_per_hour=1")
    assert {row["name"]: row["allowed"] for row in json.loads(allowed.stdout)}["emails_per_day"] == 7
    theirs = json.loads(shell("usage", "--tenant", other_tenant.slug).stdout)
    assert not any(row["overridden"] for row in theirs)
    back = shell("usage", "--tenant", tenant.slug, "--allow", "emails_per_day=default")
    assert [row["name"] for row in json.loads(back.stdout) if row["overridden"]] == ["ai_calls_per_hour"]


@pytest.mark.parametrize("wrong", ["coffee=1", "emails_per_day", "emails_per_day=many", "emails_per_day=-1"])
def test_what_is_no_quota_is_refused(tenant, shell, wrong):
    assert complaint(shell("usage", "--tenant", tenant.slug, "--allow", wrong))
