"""What admins see and change of the addresses at which other systems call an app (TRG-06).

Nothing is believed before a secret was made. A secret is shown to whoever makes it, and to nobody again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps_engine.language.instants import format_instant
from apps_engine.services.apps import get_app
from apps_engine.services.webhook_addresses import url_of
from apps_engine.services.webhook_schemes import SCHEMES
from apps_engine.store.models import DeliveryCount, WebhookAddress
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.principal import Principal

# The sender has this long to learn a new secret: until then both are believed.
ROTATION_OVERLAP = timedelta(hours=24)
DELIVERIES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, and what came of the latest calls, newest first."""

    address: WebhookAddress
    deliveries: list[DeliveryCount]


def list_webhooks(principal: Principal, app_id: int | str) -> list[Webhook]:
    """The addresses of an app in the order of its making; raises AppNotFound."""
    app = get_app(principal, app_id)
    return [
        Webhook(address, list(address.deliveries.order_by("-last_at", "-pk")[:DELIVERIES_SHOWN]))
        for address in WebhookAddress.objects.filter(app=app).order_by("pk")
    ]


def make_secret(
    principal: Principal, app_id: int | str, trigger_id: str, *, secret: str = "", end_old: bool = False
) -> tuple[WebhookAddress, str]:
    """A new secret for an address, or the one that the sender has; audited without it.

    The one before is believed for another day, unless `end_old`. Raises AppNotFound, NotFound and
    WebhookSecretRefused.
    """
    principal.require("admin")
    app = get_app(principal, app_id)
    address = WebhookAddress.objects.select_for_update().filter(app=app, trigger_id=trigger_id).first()
    if address is None:
        raise NotFound(f"“{app.name}” has no webhook trigger “{trigger_id}”.", hint="List the webhooks of the app.")
    scheme, now = SCHEMES[address.scheme], timezone.now()
    if secret:
        scheme.check_secret(secret)
    made = secret or scheme.new_secret()
    overlap = bool(address.secret) and not end_old and made != address.secret
    address.previous_secret = address.secret if overlap else ""
    address.previous_until = now + ROTATION_OVERLAP if overlap else None
    address.secret, address.secret_made_at = made, now
    address.save()
    details = {"app": app.pk, "trigger": trigger_id, "old_secret_until": str(address.previous_until or "now")}
    record_audit(principal, "webhook.secret_made", f"webhook:{address.pk}", details)
    return address, made


def address_as_dict(address: WebhookAddress) -> dict[str, Any]:
    """Where another system calls the app, and how it signs; `ready` once a secret was made, which is not shown."""
    return {
        "trigger": address.trigger_id,
        "endpoint": address.endpoint,
        "address": url_of(address),
        "scheme": address.scheme,
        "header": SCHEMES[address.scheme].header,
        "ready": bool(address.secret),
    }


def webhook_as_dict(webhook: Webhook) -> dict[str, Any]:
    """The same with what came of the latest calls."""
    address = webhook.address
    return {
        **address_as_dict(address),
        "secret_made_at": _instant(address.secret_made_at),
        "old_secret_until": _instant(address.previous_until),
        "deliveries": [_delivery_as_dict(delivery) for delivery in webhook.deliveries],
    }


def _delivery_as_dict(delivery: DeliveryCount) -> dict[str, Any]:
    return {
        "outcome": delivery.outcome,
        "reason": delivery.reason,
        "count": delivery.count,
        "event": delivery.event_id,
        "last_at": _instant(delivery.last_at),
    }


def _instant(value: datetime | None) -> str | None:
    return None if value is None else format_instant(value)
