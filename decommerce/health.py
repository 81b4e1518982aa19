"""Whether this process lives (`/healthz`) and whether it can work (`/readyz`) (OPS-01)."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from redis import Redis, RedisError


def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database and the queue answer, each named; 503 where one does not."""
    parts = {"database": _database(), "queue": _queue()}
    well = all(state == "up" for state in parts.values())
    return JsonResponse({"status": "ready" if well else "waiting", "parts": parts}, status=200 if well else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "up"


def _queue() -> str:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.ping()
    except RedisError:
        return "down"
    return "up"


health_urls = [path("healthz", alive, name="alive"), path("readyz", ready, name="ready")]
