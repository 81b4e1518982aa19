"""Handing one message to one browser's push service (RFC 8030), through the door for outgoing HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from decommerce.outgoing.door import send
from decommerce.outgoing.errors import OutgoingError
from decommerce.outgoing.request import OutgoingRequest
from decommerce.outgoing.response import OutgoingResponse
from decommerce.outgoing.retry_after import retry_after_of
from decommerce.outgoing.urls import parse_url
from decommerce.push.base64url import decoded
from decommerce.push.encryption import encrypt
from decommerce.push.models import PushSubscription
from decommerce.push.subscriptions import push_policy
from decommerce.push.vapid import authorization

# A device that was off for longer than a day is not told any more.
TTL_SECONDS = 86_400
TIMEOUT_SECONDS = 8
MAX_ANSWER_BYTES = 4_096


class PushStatus(StrEnum):
    """`gone`: the browser does not want it any more. `later`: worth another attempt. `refused`: it is not."""

    ACCEPTED = "accepted"
    GONE = "gone"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What the push service said; `retry_after` is in seconds."""

    status: PushStatus
    words: str = ""
    retry_after: int | None = None


def push(subscription: PushSubscription, payload: bytes, topic: str) -> PushAnswer:
    """Push a payload; raises PushNotSetUp and nothing that a push service can cause.

    A message that still waits at the service is replaced by one of the same `topic`, so a repetition is shown once.
    """
    policy = push_policy()
    try:
        url = parse_url(subscription.endpoint, policy.ports)
        headers = {
            "Authorization": authorization(f"https://{url.authority}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_SECONDS),
            "Topic": topic,
            "Urgency": "normal",
        }
        body = encrypt(payload, decoded(subscription.p256dh), decoded(subscription.auth))
        request = OutgoingRequest(
            url=subscription.endpoint,
            headers=headers,
            body=body,
            timeout_seconds=TIMEOUT_SECONDS,
            max_bytes=MAX_ANSWER_BYTES,
        )
        return _read(send(request, policy))
    except OutgoingError as error:
        if error.response_status is not None:
            return _by_status(error.response_status, "", None)
        return PushAnswer(PushStatus.LATER if error.retryable else PushStatus.REFUSED, error.message)


def _read(answer: OutgoingResponse) -> PushAnswer:
    words = answer.body.decode("utf-8", "replace")[:200]
    return _by_status(answer.status, words, retry_after_of(answer.headers.get("retry-after")))


def _by_status(status: int, words: str, retry_after: int | None) -> PushAnswer:
    """RFC 8030, section 8.4 and RFC 8291: 404 and 410 mean that the subscription is over."""
    text = f"{status} {words}".strip()
    if 200 <= status < 300:
        return PushAnswer(PushStatus.ACCEPTED)
    if status in (404, 410):
        return PushAnswer(PushStatus.GONE, text)
    if status == 429 or status >= 500:
        return PushAnswer(PushStatus.LATER, text, retry_after)
    return PushAnswer(PushStatus.REFUSED, text)
