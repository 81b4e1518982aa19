"""Other systems that call an app: how each signs, as its documentation says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.apps_engine.services.definitions import definition


def github(secret: str, body: bytes, **changed: str) -> dict[str, str]:
    """https://docs.github.com/webhooks: `sha256=` and the HMAC of the body in hexadecimal."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-GitHub-Event": "issues", "X-Hub-Signature-256": f"sha256={signature}", **changed}


def shopify(secret: str, body: bytes, **changed: str) -> dict[str, str]:
    """https://shopify.dev/docs/apps/build/webhooks: the HMAC of the body in base64."""
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": signature, **changed}


def standard(secret: str, body: bytes, name: str = "msg_1", at: float | None = None, **changed: str) -> dict[str, str]:
    """https://www.standardwebhooks.com, 1.0.0: `v1,` and the HMAC of id, time and body in base64."""
    sent_at = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(signed).decode()}"
    return {"webhook-id": name, "webhook-timestamp": sent_at, "webhook-signature": signature, **changed}


Sign = Callable[..., Mapping[str, str]]
SIGNS: Mapping[str, Sign] = {"hmac_sha256": github, "shopify": shopify, "standard_webhooks": standard}


def listening(scheme: str | None = None, name: str = "Hears", **more: Any) -> dict[str, Any]:
    """Remembers what it was told; any number of its runs at once."""
    trigger = {"type": "webhook", "endpoint": "orders", **({"verify": scheme} if scheme else {})}
    step = {"id": "keep", "act": "state_update", "params": {"data": {"told": "{{ trigger.body }}"}}}
    return definition([step], trigger, **{"name": name, "settings": {"concurrency": {"mode": "parallel"}}, **more})


class Caller:
    """One address of one app, and the secret of it."""

    def __init__(self, api: Any, app: Mapping[str, Any], scheme: str) -> None:
        self.api = api
        self.app = app
        self.sign = SIGNS[scheme]
        self.address: str = app["webhooks"][0]["address"]
        self.path = urlsplit(self.address).path
        self.secret = self.new_secret()

    def new_secret(self, **body: Any) -> str:
        """Make a new secret over the REST API."""
        answer = self.api.post(f"apps/{self.app['id']}/webhooks/start/secret", body)
        assert answer.status_code == 201, answer.content
        return answer.json()["secret"]

    def post(self, body: bytes, headers: Mapping[str, str], content_type: str = "application/json") -> HttpResponse:
        """Call with headers of one's own."""
        return Client().post(self.path, body, content_type=content_type, headers=headers)

    def call(self, payload: Any, **options: Any) -> HttpResponse:
        """Call as the scheme says, with a payload or raw bytes."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return self.post(body, self.sign(self.secret, body, **options))

    def deliveries(self) -> list[tuple[str, str, int]]:
        """What came of the calls: outcome, reason and number, oldest first."""
        (webhook,) = self.api.get(f"apps/{self.app['id']}/webhooks").json()["items"]
        return [(row["outcome"], row["reason"], row["count"]) for row in reversed(webhook["deliveries"])]
