"""Which browsers belong to whom. Everything here needs the tenant's scope."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from decommerce.outgoing.allowlist import policy_for_hosts
from decommerce.outgoing.domains import normalise_pattern
from decommerce.outgoing.errors import OutgoingError
from decommerce.outgoing.policy import Policy
from decommerce.outgoing.urls import parse_url
from decommerce.push.base64url import decoded, encoded
from decommerce.push.encryption import AUTH_BYTES, CURVE
from decommerce.push.errors import SubscriptionInvalid
from decommerce.push.models import PushSubscription

# The oldest one makes room.
MAX_DEVICES = 10


def push_policy() -> Policy:
    """Where a push may go: the services that the operator lists, at public addresses, and nowhere they redirect to.

    An endpoint is a URL that a browser names, so it is believed no further than that (SEC-02).
    """
    services = tuple(normalise_pattern(pattern) for pattern in settings.PUSH_SERVICES)
    return replace(policy_for_hosts(()), domains=services)


def subscribe(member_id: int, endpoint: str, p256dh: str, auth: str) -> PushSubscription:
    """Note a browser as the member's, whoever used it before; raises SubscriptionInvalid."""
    _check_endpoint(endpoint)
    values = {"member_id": member_id, "endpoint": endpoint, "p256dh": _point(p256dh), "auth": _secret(auth)}
    subscription, _ = PushSubscription.objects.update_or_create(digest=_digest(endpoint), defaults=values)
    newest = PushSubscription.objects.filter(member_id=member_id).order_by("-pk")
    forget(newest.values_list("pk", flat=True)[MAX_DEVICES:])
    return subscription


def unsubscribe(member_id: int, endpoint: str) -> bool:
    """Forget a browser of the member; returns whether it was known."""
    own = PushSubscription.objects.filter(member_id=member_id, digest=_digest(endpoint))
    return own.delete()[0] > 0


def forget(subscription_ids: Iterable[int]) -> None:
    """Forget browsers that are gone."""
    PushSubscription.objects.filter(pk__in=list(subscription_ids)).delete()


def devices_of(member_id: int) -> list[PushSubscription]:
    """The member's browsers, newest first."""
    return list(PushSubscription.objects.filter(member_id=member_id).order_by("-pk")[:MAX_DEVICES])


def members_with_device(member_ids: Collection[int]) -> set[int]:
    """Those of the members who have a browser to push to, in one query."""
    rows = PushSubscription.objects.filter(member_id__in=list(member_ids))
    return set(rows.values_list("member_id", flat=True))


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _check_endpoint(endpoint: str) -> None:
    policy = push_policy()
    try:
        policy.require(parse_url(endpoint, policy.ports).host)
    except OutgoingError as error:
        raise SubscriptionInvalid(
            f"This browser's push service cannot be used: {error.message}",
            hint="Use another browser, or ask the operator to add its push service.",
        ) from error


def _point(p256dh: str) -> str:
    try:
        point = decoded(p256dh)
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError as error:
        raise SubscriptionInvalid("The browser's public key is none.", hint="Subscribe again.") from error
    return encoded(point)


def _secret(auth: str) -> str:
    try:
        secret = decoded(auth)
    except ValueError as error:
        raise SubscriptionInvalid("The browser's secret is none.", hint="Subscribe again.") from error
    if len(secret) != AUTH_BYTES:
        raise SubscriptionInvalid(f"The browser's secret has {len(secret)} bytes.", hint="Subscribe again.")
    return encoded(secret)
