"""Events that other programs send over HTTP (TRG-08)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.outside_events import LARGEST_EVENT, MOST_EVENTS
from apps_engine.store.models import DeadLetter, EventInbox, Execution
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import OutboxEvent
from decommerce.community.outbox import emit
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import on_event
from tests.apps_engine.api.test_bad_input import problem

pytestmark = pytest.mark.requirement("TRG-08")

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
SAMPLE = dict(EVENTS["member.joined"].sample)


def event(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A good event, unless something is changed; a value of None leaves a field out."""
    good = {"specversion": "1.0", "id": f"e{number}", "source": "/billing", "type": "member.joined", "data": SAMPLE}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def send(api: Api, body: Any, content_type: str | None = None, **headers: str) -> Any:
    """Post an event, or a list of them."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = content_type or (BATCH if isinstance(body, list) else ONE)
    return api.client.generic("POST", "/api/v1/events", data, content_type=kind, headers={**api.headers, **headers})


def statuses(response: Any) -> list[str]:
    assert response.status_code == 202, response.content
    return [item["status"] for item in response.json()["items"]]


@pytest.fixture
def inbox(tenant) -> Callable[[], list[str]]:
    """The ids of the events that the tenant's inbox holds."""

    def read() -> list[str]:
        with tenant_scope(tenant.pk):
            return list(EventInbox.objects.order_by("pk").values_list("event_id", flat=True))

    return read


def test_an_event_is_there_when_it_is_accepted_and_starts_the_app_that_listens(api, tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, on_event())
    data = json.loads(json.dumps(EVENTS["post.created"].sample))
    data["post"]["body"] = "New boots"
    response = send(api, event(type="post.created", data=data))
    assert response.json() == {"items": [{"id": "e1", "source": "/billing", "status": "accepted", "problems": []}]}
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().trigger_type == "event"


def test_an_event_sent_again_is_a_duplicate_whichever_way_it_comes(api, inbox):
    assert statuses(send(api, event())) == ["accepted"]
    assert statuses(send(api, event())) == ["duplicate"]
    assert statuses(send(api, [event(), event(2), event(2), event(3, dedupekey="e2")])) == [
        "duplicate",
        "accepted",
        "duplicate",
        "duplicate",
    ]
    assert statuses(send(api, event(source="/elsewhere"))) == ["accepted"]
    assert inbox() == ["e1", "e2", "e1"]


def test_of_a_hundred_with_a_bad_one_the_others_are_taken(api, inbox):
    batch = [event(number) for number in range(MOST_EVENTS)]
    batch[41] = event(41, data={"member": {**SAMPLE["member"], "id": "no number"}})
    response = send(api, batch)
    assert statuses(response) == ["refused" if number == 41 else "accepted" for number in range(MOST_EVENTS)]
    (told,) = response.json()["items"][41]["problems"]
    assert (told["path"], told["code"]) == ("/data/member/id", "bad_payload")
    assert told["hint"]
    assert len(inbox()) == MOST_EVENTS - 1


HOSTILE = [
    ({"specversion": "0.3"}, "bad_specversion", "/specversion"),
    ({"specversion": None}, "bad_specversion", "/specversion"),
    ({"id": None}, "bad_id", "/id"),
    ({"id": ""}, "bad_id", "/id"),
    ({"id": 7}, "bad_id", "/id"),
    ({"id": "x" * 201}, "bad_id", "/id"),
    ({"source": None}, "bad_source", "/source"),
    ({"source": ["/billing"]}, "bad_source", "/source"),
    ({"type": None}, "bad_type", "/type"),
    ({"type": "member.join"}, "unknown_event", "/type"),
    ({"type": {}}, "bad_type", "/type"),
    ({"data": None}, "bad_data", "/data"),
    ({"data": "text"}, "bad_data", "/data"),
    ({"data": None, "data_base64": "e30="}, "bad_data", "/data"),
    ({"data": {}}, "bad_payload", "/data"),
    ({"time": "yesterday"}, "bad_time", "/time"),
    ({"time": 5}, "bad_time", "/time"),
    ({"chain": "1,2"}, "chain_refused", "/chain"),
    ({"chain": [1]}, "bad_chain", "/chain"),
    ({"chain": "1" * 4301}, "bad_chain", "/chain"),
    ({"chain": "\N{ARABIC-INDIC DIGIT THREE}"}, "bad_chain", "/chain"),
    ({"tenantid": 5}, "bad_tenantid", "/tenantid"),
    ({"tenantid": "nobody-knows-it"}, "wrong_tenant", "/tenantid"),
    ({"source": "/tenants/acme/community"}, "source_refused", "/source"),
    ({"type": "app:bill_settled"}, "app_event_refused", "/type"),
    ({"data": {**SAMPLE, "pad": "x" * LARGEST_EVENT}}, "event_too_large", ""),
]


@pytest.mark.parametrize(("changed", "code", "path"), HOSTILE)
def test_what_is_no_event_of_that_program_is_refused_with_its_place(api, tenant, inbox, changed, code, path):
    document = problem(send(api, [event(), event(2, **changed)][1:]), 422)
    assert document["code"] == "events_refused"
    assert [(fault["code"], fault["path"]) for fault in document["problems"]] == [(code, f"/0{path}")]
    assert inbox() == []


@pytest.mark.parametrize("nothing", [None, 7, "text", [], [event()]])
def test_what_is_no_object_is_refused(api, inbox, nothing):
    assert problem(send(api, [nothing]), 422)["problems"][0]["code"] == "not_an_object"
    assert problem(send(api, nothing, ONE), 422)["problems"][0]["path"] == ""
    assert inbox() == []


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", ONE, 400, "json_syntax"),
        (b"\xff", ONE, 400, "not_utf8"),
        (b'{"id": 1, "id": 2}', ONE, 400, "duplicate_key"),
        (b'{"id": "\\u0000"}', ONE, 422, "nul_character"),
        (b"[" * 1000, BATCH, 422, "too_deep"),
        (b"{}", BATCH, 400, "not_a_batch"),
        (b"[]", BATCH, 422, "bad_batch"),
        (json.dumps([event(n) for n in range(MOST_EVENTS + 1)]).encode(), BATCH, 422, "bad_batch"),
        (b" " * (LARGEST_EVENT + 1), ONE, 413, "body_too_large"),
        (b" " * (MOST_EVENTS * LARGEST_EVENT + 1), BATCH, 413, "body_too_large"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(api, inbox, body, content_type, status, code):
    assert problem(send(api, body, content_type), status)["code"] == code
    assert inbox() == []


def test_a_structured_event_sent_as_plain_json_is_told_the_type_that_is_read(api):
    hint = problem(send(api, event(), "application/json"), 415)["hint"]
    assert ONE in hint
    assert BATCH in hint
    assert "Content-Type: application/json" not in hint


def test_the_largest_batch_is_taken(api):
    pad = "x" * 60_000
    batch = [event(number, subject=pad) for number in range(MOST_EVENTS)]
    assert set(statuses(send(api, batch))) == {"accepted"}


def test_a_charset_may_be_named(api):
    assert statuses(send(api, event(), f"{ONE}; charset=utf-8")) == ["accepted"]


def test_refusals_are_no_dead_letters(api, owner_connection):
    count = f"SELECT count(*) FROM {DeadLetter._meta.db_table}"
    before = owner_connection.execute(count).fetchone()
    send(api, [event(specversion="2.0"), event()])
    assert owner_connection.execute(count).fetchone() == before


def test_a_key_without_the_scope_sends_nothing(tenant, inbox):
    response = send(Api(key_of(tenant, ["apps:write", "data:write"])), event())
    assert problem(response, 403)["code"] == "permission_refused"
    assert inbox() == []


def test_the_scope_alone_is_enough(tenant, inbox):
    assert statuses(send(Api(key_of(tenant, ["events:write"])), event(tenantid=tenant.slug))) == ["accepted"]
    assert inbox() == ["e1"]


@pytest.mark.requirement("SEC-01")
def test_no_event_reaches_another_tenant(api, other_api, other_tenant, inbox):
    response = send(api, [event(1, tenantid=other_tenant.slug), event(2)])
    assert statuses(response) == ["refused", "accepted"]
    with tenant_scope(other_tenant.pk):
        assert not EventInbox.objects.exists()
    # Their events are no duplicates of ours.
    assert statuses(send(other_api, event(2))) == ["accepted"]
    assert inbox() == ["e2"]


def test_nobody_makes_the_platform_forget_an_event_of_its_own(api, tenant):
    with tenant_scope(tenant.pk):
        (waiting,) = [emit("member.joined", SAMPLE)]
    assert statuses(send(api, event(id=waiting))) == ["accepted"]
    with tenant_scope(tenant.pk):
        assert OutboxEvent.objects.filter(event_id=waiting).exists()


@pytest.mark.requirement("RUN-05")
def test_a_batch_with_an_idempotency_key_is_answered_as_before(api, inbox):
    key = {"Idempotency-Key": "batch-1"}
    first, again = send(api, [event()], **key), send(api, [event()], **key)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert problem(send(api, [event(2)], **key), 422)["code"] == "idempotency_key_reused"
    assert inbox() == ["e1"]


@pytest.mark.requirement("OPS-04")
def test_the_document_tells_content_types_and_examples_that_are_accepted(api, stranger):
    operation = stranger.get("openapi.json").json()["paths"]["/api/v1/events"]["post"]
    content = operation["requestBody"]["content"]
    assert set(content) == {ONE, BATCH}
    for kind, said in content.items():
        (example,) = said["examples"].values()
        assert statuses(send(api, example["value"], kind))
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
