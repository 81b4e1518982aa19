"""A call of another system, from the address of an app to what the app does (TRG-06)."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlsplit

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.webhook_addresses import url_of
from apps_engine.services.webhooks import make_secret
from apps_engine.store.models import WebhookAddress
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.callers import standard
from tests.apps_engine.services.definitions import definition
from tests.waiting import until
from tests.web_server import web_server


@pytest.mark.requirement("TRG-06")
def test_calls_that_were_answered_are_acted_on_once_also_with_the_queue_away(
    processes, tenant, principal, members, stamps, tmp_path
):
    (member,) = members(1)
    stamp = {"id": "stamp", "act": "stamp", "params": {"member_id": member, "text": "{{ trigger.body.title }}"}}
    trigger = {"type": "webhook", "endpoint": "titles"}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([stamp], trigger, permissions={}))
        _, secret = make_secret(principal, app.pk, "start")
        path = urlsplit(url_of(WebhookAddress.objects.get())).path
    nowhere = {**processes.environment, "REDIS_URL": "redis://127.0.0.1:1/0"}
    with web_server(nowhere, tmp_path / "web.log") as server:
        for name in ("one", "two", "one"):
            body = json.dumps({"title": f"call {name}"}).encode()
            headers = {"Content-Type": "application/json", **standard(secret, body, name)}
            with urllib.request.urlopen(urllib.request.Request(server.url + path, body, headers), timeout=20) as answer:
                assert answer.status == 200
    processes.worker()
    until(lambda: sorted(stamps()) == ["call one", "call two"], "both calls are acted on")
