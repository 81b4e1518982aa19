"""A call of another system: believed or not, new or known, kept and matched in one commit (TRG-06).

Whoever calls is not trusted, not even with a right signature: a body is data, bounded in size, depth and numbers, and
the names by which the platform knows a delivery are digests of what the caller wrote.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.http import parse_header_parameters

from apps_engine.language.jsontext import JsonTextError, loads
from apps_engine.services.admission import admit
from apps_engine.services.apps import current_version
from apps_engine.services.decisions import event_scope, record_decisions
from apps_engine.services.hints import hint_runs
from apps_engine.services.ingest import started_by
from apps_engine.services.webhook_addresses import EVENT_TYPE, is_heard, source_of
from apps_engine.services.webhook_schemes import SCHEMES
from apps_engine.store.deliveries import count_delivery
from apps_engine.store.inbox import insert_events
from apps_engine.store.listeners import Listener
from apps_engine.store.models import App, DeliveryCount, EventInbox, WebhookAddress
from decommerce.tenancy.errors import NotFound, PlatformError

MOST_BYTES = 65_536
MOST_HEADERS, LONGEST_HEADER = 40, 1_000
_PASSED = frozenset({"content-type", "user-agent", "webhook-id", "webhook-timestamp"})
# Headers of proxies, and those that may hold what nobody but the receiver should know.
_HELD_BACK = ("forwarded", "real-ip", "signature", "hmac", "token", "secret", "auth", "key", "cookie")


class CallUnreadable(PlatformError):
    """The body of a call is no JSON that the platform takes; the code is that of the fault."""

    code = "call_unreadable"


class CallNotJson(PlatformError):
    """A call says of its body that it is something else than JSON in UTF-8."""

    code = "call_not_json"
    status = 415


class CallTooEarly(PlatformError):
    """Nobody has made a secret for the address, so no call of it can be believed."""

    code = "webhook_without_secret"
    status = 409
    retryable = True


class CallToPausedApp(PlatformError):
    """The app is paused, and what starts it does not queue meanwhile. Nothing was kept: the sender is to call again."""

    code = "webhook_app_paused"
    status = 409
    retryable = True


@dataclass(frozen=True, slots=True)
class Call:
    """What arrived; header names are in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A believed call as the inbox takes it in."""

    id: str
    source: str
    dedupe_key: str
    type: str
    time: datetime
    data: Mapping[str, Any]
    chain: list[int]


def unknown_address() -> NotFound:
    """The answer for an address that nobody has, and for one that is no longer."""
    return NotFound("Nobody takes calls here.", hint="Copy the address from the app's page.")


def take_in(found: WebhookAddress, call: Call) -> tuple[str, str]:
    """Take a call in; returns accepted or duplicate, and the id of its event. Needs the scope of the address's tenant.

    Durable when the transaction commits. Raises PlatformError; whoever catches it has the refusal counted.
    """
    address = WebhookAddress.objects.select_related("app").filter(pk=found.pk).first()
    if address is None or address.app.status == App.Status.DELETED:
        raise unknown_address()
    _require_json(call.headers)
    identity = _believed(address, call)
    if not is_heard(address):
        raise CallToPausedApp(f"“{address.app.name}” is paused.", hint="Call again later.")
    arrived = insert_events([_envelope(address, identity, call)])
    event_id = _event_id(address, identity)
    outcome = DeliveryCount.Outcome.ACCEPTED if arrived else DeliveryCount.Outcome.DUPLICATE
    for event in arrived:
        _start(address, event)
    count_delivery(address.pk, outcome, event_id=event_id)
    return str(outcome), event_id


def refuse(found: WebhookAddress, error: PlatformError) -> None:
    """Count a refusal. Needs the scope of the address's tenant."""
    if WebhookAddress.objects.filter(pk=found.pk).exists():
        count_delivery(found.pk, DeliveryCount.Outcome.REFUSED, reason=error.code)


def _require_json(headers: Mapping[str, str]) -> None:
    try:
        kind, parameters = parse_header_parameters(headers.get("content-type", ""))
    except ValueError:
        kind, parameters = "", {}
    charset = parameters.get("charset", "").lower()
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    if not is_json or charset not in {"", "utf-8", "utf8"} or headers.get("content-encoding", "identity") != "identity":
        raise CallNotJson(
            "The body must be JSON in UTF-8, not compressed.",
            hint="Choose the content type application/json at the sender.",
        )


def _believed(address: WebhookAddress, call: Call) -> str:
    """What tells this delivery from another; raises CallTooEarly, WebhookUnsigned or WebhookStale."""
    if not address.secret:
        raise CallTooEarly("No secret was made for this address yet.", hint="Make one on the app's page.")
    previous = address.previous_until is not None and address.previous_until > timezone.now()
    secrets = [address.secret, *([address.previous_secret] if previous else [])]
    return SCHEMES[address.scheme].verify(secrets, call.headers, call.body, time.time())


def _event_id(address: WebhookAddress, identity: str) -> str:
    return f"webhook-{address.pk}-{_digest(identity)[:32]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _envelope(address: WebhookAddress, identity: str, call: Call) -> Envelope:
    try:
        body = loads(call.body, max_bytes=MOST_BYTES)
    except JsonTextError as error:
        raise CallUnreadable(error.message, code=error.code, hint=error.hint) from error
    return Envelope(
        id=_event_id(address, identity),
        source=source_of(address),
        dedupe_key=_digest(identity),
        type=EVENT_TYPE,
        time=timezone.now(),
        data={"body": body, "headers": _shown(call.headers)},
        chain=[],
    )


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that an app sees, `X-GitHub-Event` as `x_github_event`."""
    names = [name for name in sorted(headers) if _is_shown(name)][:MOST_HEADERS]
    return {name.replace("-", "_"): headers[name].replace("\x00", "")[:LONGEST_HEADER] for name in names}


def _is_shown(name: str) -> bool:
    return (name in _PASSED or name.startswith("x-")) and not any(word in name for word in _HELD_BACK)


def _start(address: WebhookAddress, event: EventInbox) -> None:
    """The runs that the call starts, and the reasons for those that it does not."""
    listener = Listener(address.app_id, current_version(address.app).pk, address.trigger_id)
    candidates, refusals = started_by(listener, event, event_scope(event))
    admitted = admit(candidates)
    record_decisions([*refusals, *admitted.refusals])
    hint_runs(admitted.lanes)
