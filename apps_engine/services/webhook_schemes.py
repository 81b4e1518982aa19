"""How other systems sign their calls: one record a scheme, from headers and raw body to believed or not (TRG-06).

`hmac_sha256` is GitHub's way (X-Hub-Signature-256: sha256= and hexadecimal, over the body), `shopify` is Shopify's
(X-Shopify-Hmac-Sha256: base64, over the body). Neither covers a header, so a delivery is known by its body alone: an id
that anybody could change says nothing. `standard_webhooks` is version 1.0.0 of https://www.standardwebhooks.com, whose
signature covers the id and the time too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from decommerce.community.shopify.signature import is_signed as is_signed_by_shopify
from decommerce.outgoing.signature import PREFIX, signature_headers
from decommerce.tenancy.errors import PlatformError

# How far the time of a delivery may be from ours, either way.
REPLAY_SECONDS = 300
LEAST_SECRET, MOST_SECRET = 16, 200
# The specification's own bounds of a key.
LEAST_KEY, MOST_KEY = 24, 64
MOST_SIGNATURES = 10
LONGEST_ID = 200
Headers = Mapping[str, str]


class WebhookUnsigned(PlatformError):
    """The signature of a call is missing or wrong."""

    code = "webhook_unsigned"
    status = 401


class WebhookStale(PlatformError):
    """The call was signed too long ago, or its time is in the future: it may be somebody's recording."""

    code = "webhook_stale"
    status = 401


class WebhookSecretRefused(PlatformError):
    """Nobody could sign with such a secret, or guessing it would be easy."""

    code = "webhook_secret_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Scheme:
    """`verify` returns what tells one delivery from another, or raises; `new_secret` makes a secret of its form.

    `is_dated` says that the signature covers when the call was made: an old recording of one is refused.
    """

    label: str
    header: str
    verify: Callable[[Iterable[str], Headers, bytes, float], str]
    new_secret: Callable[[], str]
    check_secret: Callable[[str], None]
    is_dated: bool = False


def _github(keys: Iterable[str], headers: Headers, body: bytes, now: float) -> str:
    given = headers.get("x-hub-signature-256", "").encode(errors="replace")
    for key in keys:
        right = f"sha256={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}".encode()
        if hmac.compare_digest(right, given):
            return _digest(body)
    raise _unsigned("X-Hub-Signature-256")


def _shopify(keys: Iterable[str], headers: Headers, body: bytes, now: float) -> str:
    given = headers.get("x-shopify-hmac-sha256", "")
    if any(is_signed_by_shopify(key, body, given) for key in keys):
        return _digest(body)
    raise _unsigned("X-Shopify-Hmac-Sha256")


def _standard(keys: Iterable[str], headers: Headers, body: bytes, now: float) -> str:
    identity, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (1 <= len(identity) <= LONGEST_ID and sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= 12):
        raise _unsigned("webhook-id, webhook-timestamp and webhook-signature")
    given = headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    for key in keys:
        right = signature_headers([key], identity, int(sent_at), body)["webhook-signature"].encode()
        if any(hmac.compare_digest(right, one.encode(errors="replace")) for one in given):
            if abs(now - int(sent_at)) > REPLAY_SECONDS:
                raise WebhookStale(
                    f"The call was signed more than {REPLAY_SECONDS // 60} minutes from now.",
                    hint="Sign each attempt anew, and set the sender's clock.",
                )
            return f"id:{identity}"
    raise _unsigned("webhook-signature")


def _unsigned(header: str) -> WebhookUnsigned:
    return WebhookUnsigned(
        f"The signature is not that of this address: {header}.",
        hint="Sign the body as it is sent, byte for byte, with the secret of this address.",
    )


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _plain_secret(secret: str) -> None:
    if not (LEAST_SECRET <= len(secret) <= MOST_SECRET and secret.isascii() and secret.isprintable()):
        raise WebhookSecretRefused(
            f"A secret has {LEAST_SECRET} to {MOST_SECRET} printable ASCII characters.",
            hint="Leave it out and one is made, or copy the sender's.",
        )


def _standard_secret(secret: str) -> None:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not (secret.startswith(PREFIX) and LEAST_KEY <= len(key) <= MOST_KEY):
        raise WebhookSecretRefused(
            f"A secret of Standard Webhooks is {PREFIX} and {LEAST_KEY} to {MOST_KEY} bytes in base64.",
            hint="Leave it out and one is made, or copy the sender's.",
        )


def _new_standard_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _new_plain_secret() -> str:
    return secrets.token_hex(32)


SCHEMES: Mapping[str, Scheme] = {
    "hmac_sha256": Scheme("GitHub’s way", "X-Hub-Signature-256", _github, _new_plain_secret, _plain_secret),
    "shopify": Scheme("Shopify’s way", "X-Shopify-Hmac-Sha256", _shopify, _new_plain_secret, _plain_secret),
    "standard_webhooks": Scheme(
        "the way of Standard Webhooks",
        "webhook-signature",
        _standard,
        _new_standard_secret,
        _standard_secret,
        is_dated=True,
    ),
}
