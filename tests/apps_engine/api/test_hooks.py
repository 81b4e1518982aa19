"""Calls of other systems: believed or not, new or known, and what they start (TRG-06)."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

import pytest
from django.test import Client

from apps_engine.api.rates import RATES
from apps_engine.services.deliveries import MOST_BYTES
from apps_engine.store.models import Decision, EventInbox, Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.callers import SIGNS, Caller, listening, standard
from tests.web_server import web_server

pytestmark = pytest.mark.requirement("TRG-06")


@pytest.fixture
def caller(api):
    """Another system that signs in the standard way."""
    return Caller(api, api.post("apps", {"definition": listening()}).json(), "standard_webhooks")


def runs(tenant) -> list[Execution]:
    with tenant_scope(tenant.pk):
        return list(Execution.objects.order_by("pk"))


def send(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_real_call_of_each_scheme_starts_one_run_and_its_repetition_none(api, tenant, service_environment, tmp_path):
    callers = {
        scheme: Caller(api, api.post("apps", {"definition": listening(scheme, scheme)}).json(), scheme)
        for scheme in SIGNS
    }
    with web_server(service_environment, tmp_path / "log", access_log=True) as server:
        for scheme, caller in callers.items():
            body = json.dumps({"from": scheme, "total": 12.50}).encode()
            url, headers = f"{server.url}{caller.path}", caller.sign(caller.secret, body)
            status, first = send(url, body, headers)
            assert (status, first["outcome"]) == (200, "accepted")
            assert send(url, body, headers) == (200, {"outcome": "duplicate", "event": first["event"]})
            assert send(url, body + b" ", headers)[0] == 401
            assert caller.deliveries() == [
                ("accepted", "", 1),
                ("duplicate", "", 1),
                ("refused", "webhook_unsigned", 1),
            ]
        log = (tmp_path / "log").read_text()
    made = runs(tenant)
    assert [run.trigger["body"]["from"] for run in made] == list(SIGNS)
    assert {run.trigger_type for run in made} == {"webhook"}
    assert '"POST /hooks/… HTTP/1.1" 200' in log
    assert not any(caller.path.rpartition("/")[2] in log for caller in callers.values())


def test_what_is_kept_is_there_when_the_answer_is(caller, tenant):
    answer = caller.call({"order": 7}).json()
    (run,) = runs(tenant)
    assert run.trigger["body"] == {"order": 7}
    assert run.trigger["event"]["id"] == answer["event"]
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.get().event_id == answer["event"]
    (why,) = caller.api.get(f"apps/{caller.app['id']}/decisions?event_id={answer['event']}").json()["items"]
    assert (why["outcome"], why["run"]) == ("waiting", run.pk)


def test_headers_reach_the_app_without_what_only_the_receiver_should_know(api, tenant):
    caller = Caller(api, api.post("apps", {"definition": listening("github")}).json(), "hmac_sha256")
    more = {"X-Api-Key": "k", "Cookie": "c", "X-Forwarded-For": "1.2.3.4", "X-Long": "x" * 5000, "Accept": "a"}
    assert caller.call({"a": 1}, **more).status_code == 200
    (run,) = runs(tenant)
    assert run.trigger["headers"] == {
        "content_type": "application/json",
        "x_github_event": "issues",
        "x_long": "x" * 1000,
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 5_000 + b"]" * 5_000, "too_deep"),
        (b'{"a":' * 5_000, "too_deep"),
        (b'{"to": "ada", "to": "eve"}', "duplicate_key"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": 1e999999999}', "number_too_long"),
        (b"1" * 5_000, "number_too_long"),
        (b'{"a": "\\u0000"}', "nul_character"),
        (b'{"a": "\\ud800"}', "lone_surrogate"),
        ("{“a”: 1}".encode("utf-16"), "not_utf8"),
        (b'{"a": 1', "json_syntax"),
        (b" ", "json_syntax"),
    ],
)
def test_a_signed_body_that_is_hostile_or_broken_is_refused_and_makes_nothing(caller, tenant, body, code):
    started = time.monotonic()
    refused = caller.call(body)
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert time.monotonic() - started < 5
    assert runs(tenant) == []
    assert caller.deliveries() == [("refused", code, 1)]


@pytest.mark.parametrize("value", [[], 7, "text", None, {"nested": [{"a": {"b": "c"}}]}])
def test_any_json_value_is_a_body(caller, tenant, value):
    assert caller.call(value).status_code == 200
    assert runs(tenant)[0].trigger["body"] == value


def test_the_largest_body_is_taken_and_one_byte_more_is_not(caller):
    largest = json.dumps("x" * (MOST_BYTES - 2)).encode()
    assert len(largest) == MOST_BYTES
    assert caller.call(largest).status_code == 200
    refused = caller.call(largest + b" ")
    assert (refused.status_code, refused.json()["code"]) == (413, "webhook_too_large")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "", "multipart/form-data"],
)
def test_a_body_that_is_something_else_is_415(caller, content_type):
    body = b"{}"
    refused = caller.post(body, standard(caller.secret, body), content_type)
    assert (refused.status_code, refused.json()["code"]) == (415, "call_not_json")


@pytest.mark.parametrize("content_type", ['Application/JSON; charset="UTF-8"; v=1', "application/vnd.api+json"])
def test_json_by_another_spelling_is_taken(caller, content_type):
    body = b"{}"
    assert caller.post(body, standard(caller.secret, body), content_type).status_code == 200


def test_a_compressed_body_is_415(caller):
    body = b"{}"
    refused = caller.post(body, {**standard(caller.secret, body), "Content-Encoding": "gzip"})
    assert refused.status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_other_methods_are_405(caller, method):
    refused = getattr(Client(), method)(caller.path)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert method == "head" or refused.json()["code"] == "webhook_not_posted"


def test_a_recording_of_another_time_is_refused(caller, tenant):
    refused = caller.call({"a": 1}, at=time.time() - 400)
    assert (refused.status_code, refused.json()["code"]) == (401, "webhook_stale")
    assert runs(tenant) == []


@pytest.mark.parametrize("scheme", ["hmac_sha256", "shopify"])
def test_a_recording_under_another_delivery_number_is_a_duplicate(api, tenant, scheme):
    caller = Caller(api, api.post("apps", {"definition": listening(scheme)}).json(), scheme)
    names = ("X-GitHub-Delivery", "X-Shopify-Webhook-Id", "X-Shopify-Event-Id")
    outcomes = [caller.call({"a": 1}, **dict.fromkeys(names, number)).json()["outcome"] for number in "12"]
    assert outcomes == ["accepted", "duplicate"]
    assert len(runs(tenant)) == 1


def test_over_its_rate_an_address_says_when_to_come_again(api, monkeypatch):
    app = api.post("apps", {"definition": listening()}).json()
    caller = Caller(api, app, "standard_webhooks")
    monkeypatch.setitem(RATES, "call", type(RATES["call"])(2, 1))
    answers = [caller.call({"a": 1}, name=f"msg_{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_call_that_meets_a_run_of_an_app_that_skips_leaves_the_reason(api, tenant):
    app = api.post("apps", {"definition": listening(settings={"concurrency": {"mode": "skip"}})}).json()
    caller = Caller(api, app, "standard_webhooks")
    answers = [caller.call({"a": 1}, name=name).json() for name in ("one", "two")]
    assert [answer["outcome"] for answer in answers] == ["accepted", "accepted"]
    assert len(runs(tenant)) == 1
    with tenant_scope(tenant.pk):
        assert Decision.objects.values_list("outcome", "event_id").get() == ("overlap", answers[1]["event"])
        event = EventInbox.objects.get(event_id=answers[1]["event"])
    (heard,) = api.get(f"events/{event.pk}").json()["listeners"]
    assert (heard["app"]["id"], heard["outcome"]) == (app["id"], "overlap")
