"""What came of calls from other systems, in words (TRG-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.services.webhook_addresses import url_of
from apps_engine.services.webhook_schemes import REPLAY_SECONDS, SCHEMES, Scheme
from apps_engine.services.webhooks import Webhook
from apps_engine.store.models import EventInbox

_OUTCOMES: Mapping[str, str] = {
    "accepted": "Taken in",
    "duplicate": "Known already, nothing happened",
}
_REASONS: Mapping[str, str] = {
    "webhook_unsigned": "the signature was wrong",
    "webhook_stale": "it was signed at another time",
    "webhook_without_secret": "there was no secret yet",
    "webhook_app_paused": "the app was paused",
    "webhook_too_large": "it was too large",
    "call_not_json": "it was no JSON",
}


def webhook_in_words(webhook: Webhook) -> dict[str, Any]:
    """What the app's page shows of an address."""
    address = webhook.address
    return {
        "row": address,
        "address": url_of(address),
        "scheme": SCHEMES[address.scheme],
        "repeated": _repeated(SCHEMES[address.scheme]),
        "deliveries": [(delivery, _outcome(delivery.outcome, delivery.reason)) for delivery in webhook.deliveries],
    }


def _repeated(scheme: Scheme) -> str:
    """What becomes of a call that comes once more, by the sender's doing or by that of somebody who recorded it."""
    if scheme.is_dated:
        return f"Known by its id; one signed more than {REPLAY_SECONDS // 60} minutes ago is refused."
    days = EventInbox.retention[0].days
    if not days:
        return "Known by its body, for as long as the platform runs."
    return (
        f"Known by its body for {days} days. After that it is a new call: the signature says nothing of when it was "
        "made, so a recording of it would be believed too."
    )


def _outcome(outcome: str, reason: str) -> str:
    if outcome in _OUTCOMES:
        return _OUTCOMES[outcome]
    return f"Refused: {_REASONS.get(reason, 'its JSON was not acceptable')}"
