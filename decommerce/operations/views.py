"""For probes: `/healthz` and `/readyz`, open. For operators, with their password: metrics, and how every part is."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from decommerce.operations.exposition import exposition
from decommerce.operations.figures import figures
from decommerce.operations.health import broker_answers, database_answers, queue_answers, system_health

OPERATOR = "operator"
View = Callable[[HttpRequest], HttpResponse]


def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database, the queue and, where that is another one, Valkey answer, each named; 503 where one does not."""
    parts = {"database": database_answers(), "queue": broker_answers()}
    if settings.BROKER_IS_RABBITMQ:
        parts["valkey"] = queue_answers()
    well = all(parts.values())
    named = {name: "up" if answers else "down" for name, answers in parts.items()}
    return JsonResponse({"status": "ready" if well else "waiting", "parts": named}, status=200 if well else 503)


def for_operators(view: View) -> View:
    """Only with the operators' password (HTTP Basic, RFC 7617); where none is set there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.OPERATORS_PASSWORD:
            return HttpResponse("Set DECOMMERCE_OPERATORS_PASSWORD.\n", status=404, content_type="text/plain")
        if not _is_operator(request.headers.get("Authorization", "")):
            refused = HttpResponse("This is for operators.\n", status=401, content_type="text/plain")
            refused.headers["WWW-Authenticate"] = 'Basic realm="operators", charset="UTF-8"'
            return refused
        return view(request)

    return guarded


@require_safe
@never_cache
@for_operators
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes."""
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


@require_safe
@never_cache
@for_operators
def health(request: HttpRequest) -> HttpResponse:
    """Every part as JSON; 503 where one is not up."""
    found = system_health()
    return JsonResponse(found.as_dict(), status=200 if found.well else 503)


@require_safe
@never_cache
@for_operators
def system(request: HttpRequest) -> HttpResponse:
    """The same as a page."""
    found = system_health()
    # What nobody minds until it grows.
    letters = figures()["dead_letters"] if found.parts[0].state == "up" else None
    return render(request, "operations/system.html", {"health": found, "letters": letters})


def _is_operator(header: str) -> bool:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"{OPERATOR}:{settings.OPERATORS_PASSWORD}".encode())
