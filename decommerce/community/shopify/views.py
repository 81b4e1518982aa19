"""The address that a shop delivers to."""

from __future__ import annotations

import logging

from django.db import OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from decommerce.community.models import Shop
from decommerce.community.shopify.intake import Delivery, record_refusal, take_in
from decommerce.community.shopify.shops import find_shop
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import system_principal

logger = logging.getLogger(__name__)

# A product with 2,000 variants stays below; nothing of Shopify's comes near it.
MAX_BODY_BYTES = 5 * 1024 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> JsonResponse:
    """Take one delivery in and answer after its commit. 200 means: kept, or known already."""
    try:
        return _receive(request, token)
    except OperationalError:
        logger.exception("A shop's delivery could not be kept")
        return _problem(503, "try_again", "The delivery could not be kept; deliver it again.")


def _receive(request: HttpRequest, token: str) -> JsonResponse:
    shop = find_shop(token)
    principal = getattr(request, "principal", None)
    if shop is None or (principal is not None and principal.tenant_id != shop.tenant_id):
        return _problem(404, "shop_unknown", "No shop delivers here.")
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return _refuse(shop, request, 413, "body_too_large", "The body is too large.")
    delivery = Delivery(
        topic=request.headers.get("X-Shopify-Topic", ""),
        event_id=request.headers.get("X-Shopify-Event-Id", ""),
        signature=request.headers.get("X-Shopify-Hmac-Sha256", ""),
        body=body,
    )
    try:
        with tenant_scope(shop.tenant_id), caused_by(_cause(shop)):
            outcome = take_in(shop, delivery)
    except PlatformError as refused:
        return _refuse(shop, request, refused.status, refused.code, refused.message)
    return JsonResponse({"outcome": outcome})


def _cause(shop: Shop) -> Cause:
    return Cause(system_principal(shop.tenant_id, f"Shopify shop {shop.domain}"))


def _refuse(shop: Shop, request: HttpRequest, status: int, code: str, message: str) -> JsonResponse:
    logger.info("Refused a delivery of shop %s: %s", shop.pk, code)
    with tenant_scope(shop.tenant_id):
        record_refusal(shop, request.headers.get("X-Shopify-Topic", ""), code)
    return _problem(status, code, message)


def _problem(status: int, code: str, message: str) -> JsonResponse:
    body = {"type": "about:blank", "title": message, "status": status, "code": code}
    return JsonResponse(body, status=status, content_type="application/problem+json")
