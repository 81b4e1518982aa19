"""What probes and operators see of the web process, and nobody else."""

from __future__ import annotations

import base64

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from decommerce.operations import presence as presences
from decommerce.operations.health import system_health
from decommerce.operations.presence import presence, tell_presence

pytestmark = pytest.mark.requirement("OPS-01")
PASSWORD = "an operators' password"
ADDRESSES = ("/metrics", "/operations/", "/operations/health")


def basic(password: str, user: str = "operator") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def operator(settings) -> Client:
    """Somebody who knows the password."""
    settings.OPERATORS_PASSWORD = PASSWORD
    return Client(headers=basic(PASSWORD))


@pytest.fixture(autouse=True)
def silent(redis_keys) -> None:
    """Nobody has told of themselves yet."""


@pytest.fixture
def redis_keys(settings, monkeypatch) -> None:
    monkeypatch.setattr(presences, "_told", {})
    for part in ("worker", "consumer", "beat"):
        presences._client().delete(f"{settings.QUEUE_NAMESPACE}:presence:{part}")


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_the_password_there_is_nothing_to_see(settings, address, api_key):
    settings.OPERATORS_PASSWORD = ""
    assert Client(headers=basic("")).get(address).status_code == 404
    settings.OPERATORS_PASSWORD = PASSWORD
    refused = Client().get(address)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (
        401,
        'Basic realm="operators", charset="UTF-8"',
    )
    for headers in (basic("guessed"), basic(PASSWORD, "admin"), {"Authorization": "Basic %%%"}):
        assert Client(headers=headers).get(address).status_code == 401
    assert Client(headers={"Authorization": f"Bearer {api_key}"}).get(address).status_code == 401


def test_probes_need_no_password(settings):
    assert Client().get("/healthz").json() == {"status": "alive"}
    assert Client().get("/readyz").json()["parts"] == {"database": "up", "queue": "up"}


def test_where_rabbitmq_carries_the_queue_it_is_asked_too(settings):
    settings.BROKER_IS_RABBITMQ, settings.CELERY_BROKER_URL = True, "amqp://guest:guest@127.0.0.1:1//"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["parts"]) == (503, {"database": "up", "queue": "down", "valkey": "up"})


def test_requests_are_counted_by_route_and_no_label_names_anybody(operator, api_key, tenant):
    Client(headers={"Authorization": f"Bearer {api_key}"}).get("/api/v1/apps/123456789")
    Client().get(f"/nowhere/{tenant.slug}")
    text = operator.get("/metrics").content.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counted = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"])
        for sample in families["decommerce_http_request_seconds"].samples
    }
    assert ("GET", "api/v1/apps/<int:app_id>", "4xx") in counted
    assert ("GET", "none", "4xx") in counted
    assert "123456789" not in text
    assert tenant.slug not in text
    kinds = {sample.labels["kind"] for sample in families["decommerce_open"].samples}
    assert {"runs", "outbox", "messages", "schedules", "dead_letters"} <= kinds
    queues = {sample.labels["queue"] for sample in families["decommerce_queue_length"].samples}
    assert queues >= {"runs", "events", "events.bursts"}


def test_the_health_tells_each_part_and_who_is_silent(operator):
    found = {part.name: part for part in system_health().parts}
    assert (found["PostgreSQL"].state, found["Valkey"].state) == ("up", "up")
    assert (found["workers"].state, found["beat"].state) == ("down", "down")
    for part in ("worker", "consumer", "beat"):
        tell_presence(part)
    found = {part.name: part.state for part in system_health().parts}
    assert {found[name] for name in ("workers", "event consumers", "beat")} == {"up"}
    answer = operator.get("/operations/health")
    assert {part["name"] for part in answer.json()["parts"]} == set(found)
    assert answer.status_code == (200 if answer.json()["status"] == "well" else 503)
    page = operator.get("/operations/").content.decode()
    assert '<th scope="row">workers</th><td class="up">up</td>' in page


def test_a_queue_that_is_away_is_told_as_such(settings, monkeypatch, operator):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = {part.name: part.state for part in system_health().parts}
    tell_presence("worker")
    assert (found["Valkey"], found["workers"], found["PostgreSQL"]) == ("down", "down", "up")


def test_presence_is_told_every_few_seconds_at_most(monkeypatch):
    tell_presence("worker")
    (first,) = presence("worker").values()
    tell_presence("worker")
    assert next(iter(presence("worker").values())) >= first
