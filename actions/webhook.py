"""Calling a URL outside (ACT-02), through the one door for outgoing HTTP."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.call_log import keep
from actions.outside_hosts import require_named
from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.jsontext import JsonTextError, dumps, loads
from decommerce.community.exact_json import storable
from decommerce.outgoing.allowlist import policy_for_current_tenant, signing_secrets
from decommerce.outgoing.door import send
from decommerce.outgoing.errors import OutgoingError, OutgoingTooLarge
from decommerce.outgoing.quota import require_quota
from decommerce.outgoing.record import CallRecord
from decommerce.outgoing.request import OutgoingRequest
from decommerce.outgoing.retry_after import retry_after_of
from decommerce.outgoing.signature import signature_headers
from decommerce.outgoing.urls import parse_url
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError

MAX_ANSWER_BYTES = 65_536
# Statuses that ask to come again later; every 5xx does too.
_LATER = frozenset({408, 425, 429})
# Those of them that are given before anything is done.
_DECLINED = frozenset({425, 429})


class WebhookRefused(PlatformError):
    """The receiver answered with a status that is no success. It has the message, so `sent` is true.

    One that asks for fewer calls, or for the same call at a later time, says that it was `declined`; after 408 and
    after other errors of the server the message may have had its effect.
    """

    code = "webhook_refused"
    status = 502
    sent = True


class WebhookParams(BaseModel):
    """`url` must be https and on the tenant's list of domains; `body` is sent as JSON."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2_048, description="https URL of a domain that the tenant allows")
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = Field("POST", description="The HTTP method")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers besides those of the signature")
    body: Any = Field(None, description="Any JSON value; nothing is sent where it is left out")
    resend: bool = Field(
        True,
        description="Whether a call of which nobody knows whether it arrived is sent again, under the same webhook-id; "
        "with false an admin decides",
    )
    timeout_seconds: int = Field(10, ge=1, le=30, description="How long the call may take, in seconds")


class Webhook(ExternalAction[WebhookParams]):
    """Sends a signed message. Each attempt bears the same `webhook-id`, by which a receiver drops repetitions."""

    name = "webhook"
    summary = "Call a URL of an allowed domain with JSON, signed by the Standard Webhooks scheme"
    sentence = "calls a web address outside"
    Params = WebhookParams
    result = (
        FieldSpec("status", FieldType.INTEGER, "HTTP status, 200 to 299"),
        FieldSpec("body", FieldType.TEXT, "The answer as text, up to 64 KiB", untrusted=True),
        FieldSpec("json", FieldType.OBJECT, "The answer as an object, if it is one", nullable=True, untrusted=True),
        FieldSpec("elapsed_ms", FieldType.INTEGER, "How long the call took, in milliseconds"),
    )
    sends = ("webhook",)
    targets = ("url", "headers")
    repeatable = Repeatable.BY_KEY

    def prepare(self, call: Call[WebhookParams], context: ActionContext) -> Request:
        params = call.params
        identity = message_id(call.key, context)
        frozen = {
            "url": params.url,
            "method": params.method,
            "headers": {"Content-Type": "application/json", "Idempotency-Key": identity, **params.headers},
            "body": "" if params.body is None else dumps(params.body),
            "message_id": identity,
            "timeout_seconds": params.timeout_seconds,
            "resend": params.resend,
        }
        # Refused now, what could not be sent is never claimed.
        require_quota()
        request = _outgoing(frozen, {})
        policy = policy_for_current_tenant()
        host = parse_url(request.url, policy.ports).host
        require_named(host, context)
        policy.require(host)
        return Request("webhook", frozen, deadline_seconds=params.timeout_seconds)

    def send(self, request: Request, context: ActionContext) -> Response:
        frozen = request.body
        with tenant_scope(context.tenant_id):
            policy = policy_for_current_tenant()
            secrets = signing_secrets(parse_url(frozen["url"], policy.ports).host)
        signature = signature_headers(secrets, frozen["message_id"], int(time.time()), frozen["body"].encode())
        try:
            answer = send(_outgoing(frozen, signature), policy)
        except OutgoingError as error:
            keep(error.record, context)
            if isinstance(error, OutgoingTooLarge) and error.record and error.response_status:
                # It arrived and was answered; only the answer's text is lost.
                return _settled(error.response_status, b"", error.record, None)
            raise
        keep(answer.record, context)
        return _settled(answer.status, answer.body, answer.record, answer.headers.get("retry-after"))

    def repeats(self, request: Request) -> Repeatable:
        """A receiver drops what it had already, by `webhook-id`; one that does not is told once, unless it is read."""
        if request.body["method"] == "GET":
            return Repeatable.SAFELY
        return Repeatable.BY_KEY if request.body.get("resend", True) else Repeatable.NEVER

    def preview(self, request: Request) -> Mapping[str, Any]:
        return {"status": 200, "body": "", "json": {}, "elapsed_ms": 0}


def message_id(key: str, context: ActionContext) -> str:
    """The message's name, the same in every attempt and unlike that of any other call of any tenant."""
    return "msg_" + hashlib.sha256(f"{context.tenant_id}/{key}".encode()).hexdigest()[:32]


def _outgoing(frozen: Mapping[str, Any], signature: Mapping[str, str]) -> OutgoingRequest:
    return OutgoingRequest(
        url=frozen["url"],
        method=frozen["method"],
        headers={**frozen["headers"], **signature},
        body=frozen["body"].encode(),
        timeout_seconds=frozen["timeout_seconds"],
        max_bytes=MAX_ANSWER_BYTES,
    )


def _settled(status: int, body: bytes, record: CallRecord, wait: str | None) -> Response:
    """The result of an answer; raises WebhookRefused for a status that is no success."""
    if not 200 <= status < 300:
        refusal = WebhookRefused(
            f"{record.host} answered with the status {status}.",
            hint="Ask the receiver what is wrong with the call.",
            retryable=status in _LATER or status >= 500,
            retry_after=retry_after_of(wait),
        )
        # A 503 that names no time may be a proxy's that lost its server in the middle.
        refusal.declined = status in _DECLINED or (status == 503 and refusal.retry_after is not None)
        raise refusal
    text = storable(body.decode("utf-8", "replace"))
    result = {"status": status, "body": text, "json": _object(text), "elapsed_ms": record.duration_ms}
    return Response(result)


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = loads(text)
    except JsonTextError:
        return None
    return value if isinstance(value, dict) else None
