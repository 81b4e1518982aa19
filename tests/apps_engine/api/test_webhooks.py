"""The life of an address and of its secret, for those who manage apps (TRG-06)."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps_engine.services.auto_pause import pause_after_failures
from apps_engine.store.claims import claim
from apps_engine.store.models import App, Execution, WebhookAddress
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.api.callers import Caller, listening, standard
from tests.apps_engine.api.conftest import Api, key_of

pytestmark = pytest.mark.requirement("TRG-06")


@pytest.fixture
def app(api):
    return api.post("apps", {"definition": listening()}).json()


@pytest.fixture
def caller(api, app):
    return Caller(api, app, "standard_webhooks")


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", answer.json().get("outcome"))


def test_before_a_secret_was_made_nothing_is_believed(api, app):
    assert app["webhooks"][0]["ready"] is False
    path = app["webhooks"][0]["address"].removeprefix("http://127.0.0.1:8000")
    body = b"{}"
    refused = Client().post(path, body, content_type="application/json", headers=standard("whsec_" + "A" * 32, body))
    assert code_of(refused) == (409, "webhook_without_secret")
    assert refused.json()["retryable"] is True


def test_a_new_version_a_pause_and_a_resumption_keep_address_and_secret(api, app, caller):
    assert api.call("PUT", f"apps/{app['id']}", {"definition": listening(name="Renamed")}).status_code == 200
    assert code_of(caller.call({}, name="one")) == (200, "accepted")
    paused = api.post(f"apps/{app['id']}/pause").json()
    assert paused["webhooks"][0]["address"] == caller.address
    assert code_of(caller.call({}, name="two")) == (409, "webhook_app_paused")
    api.post(f"apps/{app['id']}/resume")
    assert code_of(caller.call({}, name="two")) == (200, "accepted")


@pytest.mark.requirement("RUN-06")
@pytest.mark.parametrize("mode", ["queue", "parallel"])
def test_calls_of_an_app_that_was_paused_for_its_failures_wait_with_it_where_its_runs_queue(api, tenant, mode):
    app = api.post("apps", {"definition": listening(settings={"concurrency": {"mode": mode}})}).json()
    caller = Caller(api, app, "standard_webhooks")
    with tenant_scope(tenant.pk), caused_by(Cause(system_principal(tenant.pk, "the test"))):
        App.objects.update(consecutive_errors=5)
        pause_after_failures(app["id"], {"message": "It broke."})
    backlog = api.get(f"apps/{app['id']}").json()["backlog"]
    if mode == "parallel":
        assert code_of(caller.call({"a": 1})) == (409, "webhook_app_paused")
        assert "gets a 409" in backlog
        return
    assert code_of(caller.call({"a": 1})) == (200, "accepted")
    assert "meanwhile queues a run" in backlog
    with tenant_scope(tenant.pk):
        run = Execution.objects.get()
    assert claim("a worker", 1, [run.pk]) == [], "it waits until the app is resumed"
    api.post(f"apps/{app['id']}/resume")
    assert [claimed.id for claimed in claim("a worker", 1, [run.pk])] == [run.pk]


def test_an_address_ends_with_its_trigger_and_with_its_app(api, app, caller):
    changed = listening()
    changed["triggers"][0]["id"] = "another"
    changed = api.call("PUT", f"apps/{app['id']}", {"definition": changed}).json()
    assert code_of(caller.call({}, name="one")) == (404, "not_found")
    (fresh,) = changed["webhooks"]
    assert (fresh["trigger"], fresh["ready"]) == ("another", False)
    assert fresh["address"] != caller.address
    assert api.call("DELETE", f"apps/{app['id']}").status_code in (200, 204)
    gone = Client().post(fresh["address"].removeprefix("http://127.0.0.1:8000"), b"{}", "application/json")
    unknown = Client().post("/hooks/nobody-has-this-one", b"{}", "application/json")
    assert gone.status_code == unknown.status_code == 404
    assert gone.content == unknown.content


def test_a_secret_of_another_scheme_is_forgotten(api, app, caller):
    changed = api.call("PUT", f"apps/{app['id']}", {"definition": listening("shopify")}).json()
    assert changed["webhooks"][0]["ready"] is True
    back = api.call("PUT", f"apps/{app['id']}", {"definition": listening("hmac_sha256")}).json()
    assert back["webhooks"][0]["address"] == caller.address
    plain = Caller(api, back, "hmac_sha256")
    assert code_of(plain.call({})) == (200, "accepted")
    standard_again = api.call("PUT", f"apps/{app['id']}", {"definition": listening()}).json()
    assert standard_again["webhooks"][0]["ready"] is False


@pytest.mark.requirement("SEC-04")
def test_after_a_rotation_the_old_secret_is_believed_for_a_day(caller, tenant):
    old, new = caller.secret, caller.new_secret()
    assert old != new
    assert code_of(caller.call({}, name="old")) == (200, "accepted")
    caller.secret = new
    assert code_of(caller.call({}, name="new")) == (200, "accepted")
    with tenant_scope(tenant.pk):
        WebhookAddress.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    caller.secret = old
    assert code_of(caller.call({}, name="late")) == (401, "webhook_unsigned")


@pytest.mark.requirement("SEC-04")
def test_a_secret_that_leaked_ends_at_once(caller):
    leaked = caller.secret
    caller.new_secret(end_old=True)
    assert caller.secret == leaked
    assert code_of(caller.call({})) == (401, "webhook_unsigned")


def test_a_sender_may_bring_its_own_secret(api):
    caller = Caller(api, api.post("apps", {"definition": listening("shopify")}).json(), "shopify")
    caller.secret = caller.new_secret(secret="0123456789abcdef0123456789abcdef")
    assert caller.secret == "0123456789abcdef0123456789abcdef"
    assert code_of(caller.call({})) == (200, "accepted")
    refused = api.post(f"apps/{caller.app['id']}/webhooks/start/secret", {"secret": "short"})
    assert code_of(refused) == (422, "webhook_secret_refused")


@pytest.mark.requirement("SEC-07")
def test_the_secret_is_shown_once_to_an_admin_and_stands_nowhere(api, app, caller, tenant):
    seen = [api.get(path).content.decode() for path in (f"apps/{app['id']}", f"apps/{app['id']}/webhooks", "apps")]
    assert caller.secret not in "".join(seen)
    writer = Api(key_of(tenant, ["apps:read", "apps:write", "apps:run"]))
    assert writer.get(f"apps/{app['id']}/webhooks").status_code == 200
    assert writer.post(f"apps/{app['id']}/webhooks/start/secret", {}).status_code == 403
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(w)::text FROM engine_webhookaddress w")
        (row,) = cursor.fetchone()
        entry = AuditEntry.objects.get(verb="webhook.secret_made")
    assert caller.secret not in row
    assert caller.path.rpartition("/")[2] not in row
    assert caller.secret not in json.dumps(entry.details)


@pytest.mark.requirement("SEC-01")
def test_another_tenant_sees_and_changes_nothing_of_it(other_api, app, caller, other_tenant, make_person):
    assert other_api.get(f"apps/{app['id']}/webhooks").status_code == 404
    assert other_api.post(f"apps/{app['id']}/webhooks/start/secret", {}).status_code == 404
    body = b"{}"
    rival = Client()
    rival.force_login(make_person(other_tenant))
    answer = rival.post(caller.path, body, content_type="application/json", headers=standard(caller.secret, body))
    assert code_of(answer) == (200, "accepted")
    with tenant_scope(other_tenant.pk):
        assert not Execution.objects.exists()
        assert not WebhookAddress.objects.exists()


def test_a_call_is_no_way_to_name_an_event_of_the_platform_or_to_fake_a_delivery(api, caller):
    event = {"specversion": "1.0", "id": "1", "type": "webhook.received", "data": {"body": {}, "headers": {}}}
    refused = api.post("events", {**event, "source": "/mine"}, **{"Content-Type": "application/cloudevents+json"})
    assert refused.status_code in (415, 422)


def test_the_shell_lists_addresses_and_makes_secrets(app, caller, tenant):
    def shell(*words: str) -> object:
        output = StringIO()
        call_command("app", *words, "--tenant", tenant.slug, stdout=output)
        return json.loads(output.getvalue())

    (listed,) = shell("webhooks", "Hears")
    assert (listed["address"], listed["ready"]) == (caller.address, True)
    made = shell("webhook-secret", "Hears", "start", "--end-old")
    caller.secret = made["secret"]
    assert code_of(caller.call({})) == (200, "accepted")
