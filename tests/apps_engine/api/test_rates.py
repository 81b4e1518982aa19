"""Budgets for reads and writes, counted in Valkey (MCP-01)."""

from __future__ import annotations

import pytest
import requests

from apps_engine.api.rates import RATES, RateLimited, spend
from decommerce.tenancy.keys import authenticate_key
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list
from tests.web_server import web_server

pytestmark = pytest.mark.requirement("MCP-01")


def exhaust(secret: str, kind: str) -> None:
    """Spend the whole budget of a key."""
    principal = authenticate_key(secret)
    for _ in range(RATES[kind].amount):
        spend(principal, kind)


def test_a_budget_that_is_spent_is_refused_with_the_time_to_wait(tenant):
    secret = key_of(tenant)
    exhaust(secret, "write")
    response = Api(secret).post("definitions/validate", {"definition": short_list()})
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert response.json()["retryable"] is True


def test_reads_and_writes_have_budgets_of_their_own(tenant):
    secret = key_of(tenant)
    exhaust(secret, "write")
    assert Api(secret).get("apps").status_code == 200


def test_one_key_cannot_spend_the_budget_of_another(tenant):
    secret = key_of(tenant)
    exhaust(secret, "write")
    with pytest.raises(RateLimited):
        spend(authenticate_key(secret), "write")
    assert Api(key_of(tenant)).post("definitions/validate", {"definition": short_list()}).status_code == 200


def test_while_valkey_is_down_each_process_counts_for_itself_and_says_so_in_the_log(
    tenant, service_environment, tmp_path
):
    environment = {**service_environment, "REDIS_URL": "redis://127.0.0.1:1/0", "DECOMMERCE_READ_RATE": "3/minute"}
    with web_server(environment, tmp_path / "log") as server:
        headers = {"Authorization": f"Bearer {key_of(tenant)}"}
        answers = [requests.get(f"{server.url}/api/v1/apps", headers=headers, timeout=10) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert "rates are counted in this process alone" in server.log.read_text()
