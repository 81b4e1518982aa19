"""Idempotency keys of REST writes (RUN-05)."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from apps_engine.api.rates import RATES, spend
from apps_engine.store.models import App
from decommerce.idempotency.models import KeptAnswer
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import authenticate_key
from decommerce.tenancy.models import ApiKey, AuditEntry
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list
from tests.apps_engine.api.test_bad_input import problem
from tests.waiting import until
from tests.web_server import web_server

pytestmark = pytest.mark.requirement("RUN-05")

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
BODY = {"definition": short_list()}


def apps_of(tenant) -> int:
    with tenant_scope(tenant.pk):
        return App.objects.count()


def test_fifty_requests_at_once_with_one_key_make_one_app(tenant, service_environment, tmp_path):
    headers = {"Authorization": f"Bearer {key_of(tenant)}", **KEY}
    gate = threading.Barrier(50)

    def post(url: str) -> requests.Response:
        gate.wait()
        return requests.post(f"{url}/api/v1/apps", json=BODY, headers=headers, timeout=60)

    with web_server(service_environment, tmp_path / "log") as server:
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(post, [server.url] * 50))
        last = requests.post(f"{server.url}/api/v1/apps", json=BODY, headers=headers, timeout=60)
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in made if "Idempotency-Replayed" not in answer.headers]) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json()["code"], answer.headers["Retry-After"]) == ("request_in_progress", "1")
    assert {answer.content for answer in made} == {last.content}
    assert last.headers["Idempotency-Replayed"] == "true"
    assert apps_of(tenant) == 1


def test_a_process_that_dies_in_the_middle_leaves_nothing_and_the_key_free(
    tenant, database, service_environment, tmp_path
):
    secret = key_of(tenant)
    api = Api(secret)
    with psycopg.connect(database) as blocking, web_server(service_environment, tmp_path / "log") as server:
        blocking.execute("LOCK TABLE engine_app IN SHARE ROW EXCLUSIVE MODE")
        headers = {"Authorization": f"Bearer {secret}", **KEY}
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(requests.post, f"{server.url}/api/v1/apps", json=BODY, headers=headers, timeout=60)
            waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'engine_app'::regclass"
            until(lambda: blocking.execute(waits).fetchone(), "the first is in the middle")
            refused = api.post("apps", BODY, **KEY)
            assert problem(refused, 409)["code"] == "request_in_progress"
            assert refused.headers["Retry-After"] == "1"
            os.kill(server.pid, signal.SIGKILL)
            with pytest.raises(requests.ConnectionError):
                first.result()
        blocking.rollback()
    made = until(lambda: (answer := api.post("apps", BODY, **KEY)).status_code != 409 and answer, "the key is free")
    assert made.status_code == 201
    assert "Idempotency-Replayed" not in made.headers
    assert apps_of(tenant) == 1


def test_the_same_request_again_gets_the_same_answer_and_says_so(api, tenant):
    first, again = api.post("apps", BODY, **KEY), api.post("apps", BODY, **KEY)
    assert (again.status_code, again.content, again.headers["ETag"]) == (201, first.content, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Cache-Control"] == "no-store"
    assert "Idempotency-Replayed" not in first.headers
    assert apps_of(tenant) == 1
    with tenant_scope(tenant.pk):
        assert AuditEntry.objects.filter(verb="app.created").count() == 1


def test_without_a_key_every_request_is_its_own(api, tenant):
    assert [api.post("apps", {"definition": short_list(name=name)}).status_code for name in "ab"] == [201, 201]
    with tenant_scope(tenant.pk):
        assert not KeptAnswer.objects.exists()


def test_the_order_of_members_makes_no_other_request(api):
    definition = short_list()
    api.post("apps", {"definition": definition}, **KEY)
    turned = api.post("apps", {"definition": dict(reversed(definition.items()))}, **KEY)
    assert turned.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("path", ["apps", "apps?x=1"])
def test_a_key_with_another_body_or_address_is_refused(api, path):
    api.post("apps", {"definition": short_list(name="First")}, **KEY)
    other = {"definition": short_list(name="First" if "?" in path else "Second")}
    document = problem(api.post(path, other, **KEY), 422)
    assert (document["code"], document["retryable"]) == ("idempotency_key_reused", False)


def test_a_key_for_one_app_does_nothing_for_another(api):
    one, two = (api.post("apps", {"definition": short_list(name=name)}).json()["id"] for name in "ab")
    assert api.post(f"apps/{one}/pause", {}, **KEY).status_code == 200
    assert problem(api.post(f"apps/{two}/pause", {}, **KEY), 422)["code"] == "idempotency_key_reused"
    assert api.post(f"apps/{one}/resume", {}, **KEY).json()["status"] == "active"


@pytest.mark.parametrize("body", [b"{", {"definition": {"name": "x"}}, {}])
def test_a_refused_request_is_judged_anew(api, body):
    assert api.post("apps", body, **KEY).status_code in (400, 422)
    assert api.post("apps", BODY, **KEY).status_code == 201


def test_a_request_over_the_budget_is_not_kept(tenant):
    secret = key_of(tenant)
    principal = authenticate_key(secret)
    for _ in range(RATES["write"].amount):
        spend(principal, "write")
    assert Api(secret).post("apps", BODY, **KEY).status_code == 429
    with tenant_scope(tenant.pk):
        assert not KeptAnswer.objects.exists()


@pytest.mark.requirement("SEC-01")
def test_nobody_gets_the_answer_of_another(api, other_api, tenant, other_tenant):
    mine, theirs = api.post("apps", BODY, **KEY), other_api.post("apps", BODY, **KEY)
    colleague = Api(key_of(tenant)).post("apps", {"definition": short_list(name="Another")}, **KEY)
    assert (mine.status_code, theirs.status_code, colleague.status_code) == (201, 201, 201)
    assert len({mine.json()["id"], theirs.json()["id"], colleague.json()["id"]}) == 3


def test_a_new_key_is_made_once_and_shown_again_to_its_maker(api, tenant):
    body = {"name": "For the shop", "scopes": ["apps:read"]}
    first, again = api.post("keys", body, **KEY), api.post("keys", body, **KEY)
    assert again.json()["secret"] == first.json()["secret"]
    with tenant_scope(tenant.pk):
        assert ApiKey.objects.filter(name="For the shop").count() == 1


def test_an_answer_without_content_is_given_again(api):
    number = api.post("keys", {"name": "Brief", "scopes": ["apps:read"]}).json()["id"]
    answers = [api.call("DELETE", f"keys/{number}", **KEY) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_a_key_means_nothing_to_a_request_that_only_reads(api):
    assert api.get("apps", **KEY).status_code == api.get("apps", **{"Idempotency-Key": "ä"}).status_code == 200


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
def test_a_key_that_cannot_be_used_is_refused(api, tenant, key):
    assert problem(api.post("apps", BODY, **{"Idempotency-Key": key}), 400)["code"] == "bad_idempotency_key"
    assert apps_of(tenant) == 0
