"""Reading the environment: the one place that knows how a setting is spelled there."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# A host that vanished does not even say goodbye, and who only waits for it would wait for ever: after half a minute of
# silence it is asked whether it is still there, three times, and after three quarters of one it is given up.
_IDLE_SECONDS, _INTERVAL_SECONDS, _TIMES, _GIVEN_UP_AFTER_MS = 30, 5, 3, 45_000
_POSTGRES_KEEPALIVE = {
    "keepalives_idle": _IDLE_SECONDS,
    "keepalives_interval": _INTERVAL_SECONDS,
    "keepalives_count": _TIMES,
    "tcp_user_timeout": _GIVEN_UP_AFTER_MS,
}
# As kombu wants it; not every system has each of the names.
VALKEY_SOCKET: Mapping[str, Any] = {
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "socket_keepalive_options": {
        getattr(socket, name): value
        for name, value in (
            ("TCP_KEEPIDLE", _IDLE_SECONDS),
            ("TCP_KEEPINTVL", _INTERVAL_SECONDS),
            ("TCP_KEEPCNT", _TIMES),
            ("TCP_USER_TIMEOUT", _GIVEN_UP_AFTER_MS),
        )
        if hasattr(socket, name)
    },
}


def text(name: str, default: str | None = None) -> str:
    """A setting as text; without a default it is required."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}. `make demo` sets it up for you.")
    return value


def flag(name: str) -> bool:
    """A setting that is off unless it is turned on: 1, true, yes and on mean on."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A setting that is a list, separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def numbers(name: str) -> dict[str, int]:
    """A setting that gives names whole numbers, `name=number` separated by commas."""
    pairs = [word.partition("=") for word in words(name)]
    if wrong := [key for key, sign, value in pairs if not (key and sign and value.isascii() and value.isdecimal())]:
        raise ImproperlyConfigured(f"{name} is a list of name=number, separated by commas; “{wrong[0]}” is not one.")
    return {key.strip(): int(value) for key, _, value in pairs}


def database(name: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Django's settings of one PostgreSQL database from its URL."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql://, PostgreSQL is the only record of work.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or 5432),
        # A text that comes again is prepared: that of `decommerce.pipelining` and of the scheduler. Django's own, with
        # the values in it, is another one each time.
        "OPTIONS": {"connect_timeout": 5, "prepare_threshold": 1, **_POSTGRES_KEEPALIVE, **(options or {})},
    }


def mail_server(name: str, default: str) -> dict[str, Any]:
    """Host, port, user, password and TLS of an SMTP server from its URL (smtp:// or smtps://)."""
    url = urlsplit(os.environ.get(name, default))
    return {
        "host": url.hostname or "127.0.0.1",
        "port": url.port or (465 if url.scheme == "smtps" else 25),
        "user": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "ssl": url.scheme == "smtps",
    }
