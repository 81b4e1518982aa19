"""The webhook action against a real receiver, with the tenant's own list of domains."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from actions.outside_hosts import DomainNotPermitted
from actions.webhook import Webhook, WebhookParams, WebhookRefused
from apps_engine.contracts import Call, Repeatable, Request
from apps_engine.language.jsontext import dumps, loads
from decommerce.outgoing.allowlist import allow_domain, remove_domain, signing_secret
from decommerce.outgoing.errors import (
    OutgoingConnectionFailed,
    OutgoingDomainRefused,
    OutgoingQuotaReached,
    OutgoingRequestInvalid,
    OutgoingUrlRefused,
)
from decommerce.outgoing.models import OutgoingCall
from decommerce.outgoing.quota import require_quota
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("ACT-02")

KEY = "run:8:main/notify"


@pytest.fixture
def webhook(tenant, principal, reachable) -> Webhook:
    """The action, in a tenant that allows the receiver's domain."""
    with tenant_scope(tenant.pk):
        allow_domain(principal, "hooks.example.com")
    return Webhook()


@pytest.fixture
def prepared(webhook, tenant, context, reachable):
    """A frozen request to the receiver; options are parameters of the action."""

    def prepare(path: str = "/hook", key: str = KEY, **params) -> Request:
        params = {"url": f"{reachable}{path}", "body": {"text": "hi"}, **params}
        with tenant_scope(tenant.pk):
            request = webhook.prepare(Call(WebhookParams(**params), key), context)
        return Request(**loads(dumps({"kind": request.kind, "body": dict(request.body)})))  # as the engine stores it

    return prepare


def test_it_delivers_json_with_a_signature_that_the_tenants_secret_verifies(
    webhook, prepared, receiver, context, tenant, principal
):
    receiver.answers["/hook"] = reply("200 OK", b'{"id": 7, "price": 1.10}')
    response = webhook.send(prepared(body={"amount": Decimal("1.10"), "name": "Zoë"}), context)

    assert response.result["status"] == 200
    assert response.result["json"] == {"id": 7, "price": Decimal("1.10")}
    assert response.result["body"] == '{"id": 7, "price": 1.10}'
    [received] = receiver.received
    assert received.body == '{"amount":1.10,"name":"Zoë"}'.encode()
    assert received.headers["content-type"] == "application/json"
    with tenant_scope(tenant.pk):
        key = base64.b64decode(signing_secret(principal, "hooks.example.com").removeprefix("whsec_"))
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode() + received.body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert received.headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.requirement("RUN-05")
def test_a_repeated_attempt_has_the_same_key_and_bytes(webhook, prepared, receiver, context):
    receiver.answers["/hook"] = reply("200 OK")
    request = prepared()
    webhook.send(request, context)
    webhook.send(request, context)
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == first.headers["idempotency-key"]
    assert webhook.repeatable is Repeatable.BY_KEY


@pytest.mark.requirement("RUN-05")
def test_another_call_and_another_tenants_call_have_other_ids(prepared, webhook, context, other_tenant):
    call = Call(WebhookParams(url="https://hooks.example.com/"), KEY)
    ids = {prepared().body["message_id"], prepared(key="run:8:main/notify[1]").body["message_id"]}
    assert len(ids) == 2
    with tenant_scope(other_tenant.pk), pytest.raises(OutgoingDomainRefused):
        webhook.prepare(call, replace(context, tenant_id=other_tenant.pk))


def test_the_signatures_headers_cannot_be_forged_by_a_definition(webhook, prepared, receiver, context):
    receiver.answers["/hook"] = reply("200 OK")
    webhook.send(prepared(headers={"Webhook-Id": "forged", "WEBHOOK-SIGNATURE": "forged", "X-Own": "1"}), context)
    [received] = receiver.received
    assert received.headers["webhook-id"].startswith("msg_")
    assert received.headers["webhook-signature"].startswith("v1,")
    assert received.headers["x-own"] == "1"


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize(
    ("params", "repeats"),
    [
        ({}, Repeatable.BY_KEY),
        ({"resend": False}, Repeatable.NEVER),
        ({"method": "GET", "body": None}, Repeatable.SAFELY),
        ({"method": "GET", "body": None, "resend": False}, Repeatable.SAFELY),
    ],
)
def test_what_a_lost_call_means_is_said_by_the_call_itself(webhook, prepared, params, repeats):
    assert webhook.repeats(prepared(**params)) is repeats


@pytest.mark.requirement("RUN-03")
def test_a_receiver_that_asks_to_wait_is_believed(webhook, prepared, receiver, context):
    receiver.answers["/hook"] = reply("503 Service Unavailable", Retry_After="120")
    with pytest.raises(WebhookRefused) as refused:
        webhook.send(prepared(), context)
    assert (refused.value.retryable, refused.value.retry_after) == (True, 120)


def test_without_a_body_nothing_is_sent_in_it(webhook, prepared, receiver, context):
    receiver.answers["/hook"] = reply("204 No Content")
    assert webhook.send(prepared(method="GET", body=None), context).result["json"] is None
    assert receiver.received[0].body == b""


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"url": "https://evil.example/"}, OutgoingDomainRefused),
        ({"url": "https://not-named.example/"}, DomainNotPermitted),
        ({"url": "http://hooks.example.com/"}, OutgoingUrlRefused),
        ({"url": "https://127.0.0.1/"}, OutgoingUrlRefused),
        ({"url": "https://hooks.example.com:22/"}, OutgoingUrlRefused),
        ({"headers": {"Host": "evil.example"}}, OutgoingRequestInvalid),
        ({"headers": {"X-A": "b\r\nX-B: c"}}, OutgoingRequestInvalid),
    ],
)
def test_what_could_not_be_sent_is_refused_before_it_is_claimed(prepared, receiver, params, error):
    with pytest.raises(error) as refused:
        prepared(**params)
    assert not refused.value.sent
    assert receiver.accepted == 0


def test_a_domain_removed_after_the_claim_is_not_called(webhook, prepared, tenant, principal, receiver, context):
    request = prepared()
    with tenant_scope(tenant.pk):
        remove_domain(principal, "hooks.example.com")
    with pytest.raises(OutgoingDomainRefused) as refused:
        webhook.send(request, context)
    assert not refused.value.sent
    assert receiver.accepted == 0


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        ("400 Bad Request", False),
        ("401 Unauthorized", False),
        ("404 Not Found", False),
        ("408 Timeout", True),
        ("410 Gone", False),
        ("429 Too Many Requests", True),
        ("500 Error", True),
        ("503 Unavailable", True),
        ("304 Not Modified", False),
    ],
)
def test_a_status_that_is_no_success_is_an_error_that_says_whether_to_try_again(
    webhook, prepared, receiver, context, status, retryable
):
    receiver.answers["/hook"] = reply(status)
    with pytest.raises(WebhookRefused) as refused:
        webhook.send(prepared(), context)
    assert (refused.value.code, refused.value.sent, refused.value.retryable) == ("webhook_refused", True, retryable)


def test_an_answer_that_is_too_long_was_a_delivery_all_the_same(webhook, prepared, receiver, context):
    receiver.answers["/hook"] = reply("200 OK", b"x" * 100_000)
    result = webhook.send(prepared(), context).result
    assert (result["status"], result["body"], result["json"]) == (200, "", None)


def test_a_long_refusal_is_a_refusal_all_the_same(webhook, prepared, receiver, context):
    receiver.answers["/hook"] = reply("500 Error", b"x" * 100_000)
    with pytest.raises(WebhookRefused):
        webhook.send(prepared(), context)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"a\x00b", "ab"),
        (b'{"a": "\\u0000"}', '{"a": "\\u0000"}'),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"[1]", "[1]"),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        (b'{"a":' * 5_000, '{"a":' * 5_000),
    ],
)
def test_a_hostile_answer_is_plain_text_that_can_be_stored(webhook, prepared, receiver, context, answer, text):
    receiver.answers["/hook"] = reply("200 OK", answer)
    result = webhook.send(prepared(), context).result
    assert (result["body"], result["json"]) == (text, None)


def test_each_call_is_in_the_tenants_log_whatever_became_of_it(webhook, prepared, receiver, context, tenant):
    receiver.answers["/hook"] = reply("200 OK", b"secret")
    receiver.answers["/down"] = lambda connection, received: None
    webhook.send(prepared(headers={"Authorization": "Bearer secret"}), context)
    with pytest.raises(OutgoingConnectionFailed) as failed:
        webhook.send(prepared("/down?key=secret"), context)
    assert (failed.value.sent, failed.value.retryable) == (True, True)
    with tenant_scope(tenant.pk):
        down, answered = OutgoingCall.objects.all()
    assert (answered.status, answered.code, answered.app_id, answered.execution_id) == (200, "", 7, 8)
    assert (down.status, down.code, down.sent, down.path) == (None, "outgoing_connection_failed", True, "/down")
    assert "secret" not in f"{vars(answered)}{vars(down)}"


def test_a_community_makes_so_many_calls_an_hour_and_another_its_own(
    webhook, prepared, receiver, context, tenant, other_tenant, principal, settings, owner_connection
):
    settings.OUTGOING_CALLS_PER_HOUR = 2
    receiver.answers["/hook"] = reply("200 OK")
    webhook.send(prepared(), context)
    webhook.send(prepared(), context)
    with pytest.raises(OutgoingQuotaReached) as refused:
        prepared()
    assert (refused.value.code, refused.value.retryable, refused.value.sent) == ("outgoing_quota_reached", True, False)
    with tenant_scope(other_tenant.pk):
        require_quota()
    with tenant_scope(tenant.pk):
        call = OutgoingCall.objects.last()
    owner_connection.execute("ALTER TABLE outgoing_outgoingcall DISABLE TRIGGER only_added")
    owner_connection.execute(
        "UPDATE outgoing_outgoingcall SET at = at - interval '61 minutes' WHERE id = %s", [call.pk]
    )
    owner_connection.execute("ALTER TABLE outgoing_outgoingcall ENABLE TRIGGER only_added")
    assert prepared().kind == "webhook"


def test_a_preview_has_the_shape_of_a_result_and_calls_nobody(webhook, prepared, receiver):
    preview = webhook.preview(prepared())
    assert list(preview) == [field.name for field in Webhook.result]
    assert receiver.accepted == 0


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"url": ""},
        {"url": 7},
        {"url": "https://a.b/", "method": "CONNECT"},
        {"url": "https://a.b/", "timeout_seconds": 31},
        {"url": "https://a.b/", "headers": {"a": 1}},
        {"url": "https://a.b/", "unknown": 1},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        WebhookParams.model_validate(params)
