"""The addresses at which other systems call apps (TRG-06). They need no account: the signature is the proof."""

from __future__ import annotations

import logging
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps_engine.api.rates import RateLimited, spend_of
from apps_engine.services.deliveries import MOST_BYTES, Call, refuse, take_in, unknown_address
from apps_engine.services.webhook_addresses import find_address
from apps_engine.store.models import WebhookAddress
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.middleware import own_scope

logger = logging.getLogger(__name__)


class CallTooLarge(PlatformError):
    """The body of a call is larger than a call may be."""

    code = "webhook_too_large"
    status = 413


class CallNotKept(PlatformError):
    """The database is away; nothing of the call was kept."""

    code = "webhook_not_kept"
    status = 503
    retryable = True


class CallNotPosted(PlatformError):
    """A call came with another method than POST; nothing of it was kept."""

    code = "webhook_not_posted"
    status = 405


# Whoever happens to be signed in has nothing to do with it, and no other site's page can sign.
@own_scope
@csrf_exempt
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """Take one call in and answer after its commit. 200 means: kept, or known already."""
    if request.method != "POST":
        return _problem(
            CallNotPosted("Calls are made with POST.", hint="Choose POST at the sender."), {"Allow": "POST"}
        )
    try:
        return _taken(request, token)
    except OperationalError:
        logger.exception("a call of a webhook could not be kept")
        return _problem(CallNotKept("The call could not be kept.", hint="Call again."))


def _taken(request: HttpRequest, token: str) -> HttpResponse:
    found = find_address(token)
    if found is None:
        return _problem(unknown_address())
    try:
        spend_of(f"webhook:{found.pk}", "call")
    except RateLimited as limited:
        return _problem(limited, headers={"Retry-After": str(limited.retry_after)})
    try:
        call = Call({name.lower(): value for name, value in request.headers.items()}, _body(request))
        with tenant_scope(found.tenant_id, boundary="ingest"):
            outcome, event_id = take_in(found, call)
    except PlatformError as refused:
        return _refused(found, refused)
    return JsonResponse({"outcome": outcome, "event": event_id})


def _body(request: HttpRequest) -> bytes:
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise CallTooLarge(f"A call has at most {MOST_BYTES // 1024} KiB.", hint="Send less, or a link to it.")
    return body


def _refused(found: WebhookAddress, error: PlatformError) -> HttpResponse:
    logger.info("refused a call of webhook %s (tenant %s): %s", found.pk, found.tenant_id, error.code)
    with tenant_scope(found.tenant_id):
        refuse(found, error)
    return _problem(error)


def _problem(error: PlatformError, headers: dict[str, str] | None = None) -> HttpResponse:
    facts: dict[str, Any] = error.as_dict()
    body = {"type": "about:blank", "title": facts.pop("message"), "status": error.status, **facts}
    return JsonResponse(body, status=error.status, content_type="application/problem+json", headers=headers)
