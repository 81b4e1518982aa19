"""The addresses of an app's webhook triggers, kept in step with its versions (TRG-06)."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings

from apps_engine.language.plan import Plan, Trigger
from apps_engine.services.triggers import kept_waiting_of
from apps_engine.services.webhook_schemes import SCHEMES, WebhookSecretRefused
from apps_engine.store.models import App, WebhookAddress
from decommerce.community.outbox import PLATFORM_SOURCES
from decommerce.tenancy.context import locator_scope

# Of triggers, and of the events that calls become.
TYPE = "webhook"
EVENT_TYPE = "webhook.received"
PATH = "hooks"


def keep_addresses(app: App, plan: Plan) -> None:
    """An address for each webhook trigger: the one that it has, or a new one; those of triggers that are gone end.

    Whether the app is paused makes no difference. A secret that is none in a trigger's new scheme is forgotten.
    """
    triggers = {trigger.id: trigger for trigger in plan.triggers if trigger.type == TYPE}
    WebhookAddress.objects.filter(app=app).exclude(trigger_id__in=triggers).delete()
    for address in WebhookAddress.objects.filter(app=app):
        _adapt(address, triggers.pop(address.trigger_id))
    WebhookAddress.objects.bulk_create([_new(app, trigger) for trigger in triggers.values()])


def remove_addresses(app: App) -> None:
    """Nobody calls the app any more."""
    WebhookAddress.objects.filter(app=app).delete()


def is_heard(address: WebhookAddress) -> bool:
    """Whether calls there are kept.

    Of an app that the platform paused for its failures those are whose runs queue: they wait with it (RUN-06).
    """
    return address.app.status == App.Status.ACTIVE or address.trigger_id in kept_waiting_of(address.app)


def url_of(address: WebhookAddress) -> str:
    """Where calls go to."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/{PATH}/{address.token}"


def source_of(address: WebhookAddress) -> str:
    """The source of the events that calls become. No other program may use it, so none can say that it has called."""
    return f"{PLATFORM_SOURCES}{address.tenant_id}/webhooks/{address.pk}"


def called_trigger(app: App, source: str) -> str | None:
    """The trigger of the app at whose address events of this source arrived, as long as it has it."""
    addresses = WebhookAddress.objects.filter(app=app)
    return next((address.trigger_id for address in addresses if source_of(address) == source), None)


def called_app(source: str) -> App | None:
    """The app that was called where events of this source arrived, as long as it has that address."""
    number = source.rpartition("/webhooks/")[2]
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    address = WebhookAddress.objects.select_related("app").filter(pk=int(number)).first()
    return address.app if address is not None and source_of(address) == source else None


def find_address(token: str) -> WebhookAddress | None:
    """The address that ends in this token; works before any tenant is known."""
    digest = _digest(token)
    with locator_scope("webhook_digest", digest):
        return WebhookAddress.across_tenants.filter(digest=digest).first()


def _adapt(address: WebhookAddress, trigger: Trigger) -> None:
    endpoint, scheme = trigger.params["endpoint"], trigger.params["verify"]
    if (address.endpoint, address.scheme) == (endpoint, scheme):
        return
    if address.scheme != scheme:
        address.previous_secret, address.previous_until = "", None
        if not _fits(address.secret, scheme):
            address.secret, address.secret_made_at = "", None
    address.endpoint, address.scheme = endpoint, scheme
    address.save()


def _fits(secret: str, scheme: str) -> bool:
    try:
        SCHEMES[scheme].check_secret(secret)
    except WebhookSecretRefused:
        return False
    return True


def _new(app: App, trigger: Trigger) -> WebhookAddress:
    token = secrets.token_urlsafe(32)
    return WebhookAddress(
        app=app,
        trigger_id=trigger.id,
        endpoint=trigger.params["endpoint"],
        scheme=trigger.params["verify"],
        digest=_digest(token),
        token=token,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
