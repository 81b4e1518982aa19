"""The operators' pages: for operators, in one tenant at a time, and every deed in its log (SEC-01, SEC-05, SEC-07)."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, transaction
from django.test import Client

import decommerce.operators.records  # noqa: F401  # each registers what it shows
from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import App, Effect, Execution
from decommerce.operators.sessions import COOKIE, MOST_SECONDS, SINCE
from decommerce.operators.site import site
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.models import ApiKey, AuditEntry, Operator
from tests.chat.definitions import digest

RECORDS = [f"/operators/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry]
OF_TENANTS = [address for address in RECORDS if "deadletter" not in address and "logentry" not in address]


def sign_in(browser: Client, person: Any) -> Any:
    return browser.post("/operators/login/", {"username": person.email, "password": person.raw_password})


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def app(tenant, principal) -> App:
    with tenant_scope(tenant.pk):
        return create_app(principal, digest("Secret digest"))


@pytest.fixture
def run(tenant, principal, app) -> Execution:
    with tenant_scope(tenant.pk):
        return run_app(principal, app.pk)


@pytest.mark.requirement("SEC-01")
def test_nobody_else_gets_in_not_even_an_owner(visitor, admin_user):
    refused = sign_in(visitor, admin_user)
    assert (refused.status_code, "do not match an account of an operator" in words(refused)) == (200, True)
    owner = Client()
    owner.force_login(admin_user)
    asked = [(visitor, "/operators/"), (Client(), "/operators/"), *((owner, address) for address in RECORDS)]
    for browser, address in asked:
        answer = browser.get(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/operators/login/")


@pytest.mark.requirement("SEC-07")
def test_a_session_of_the_communities_is_none_here_and_the_other_way_round(visitor, admin_user, appoint):
    appoint(admin_user)
    elsewhere = Client()
    elsewhere.force_login(admin_user)
    elsewhere.cookies[COOKIE] = elsewhere.cookies["sessionid"].value
    assert elsewhere.get("/operators/").status_code == 302
    assert sign_in(visitor, admin_user)["Location"] == "/operators/"
    assert visitor.get("/operators/").status_code == 200
    cookie = visitor.cookies[COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/operators/", "Strict", True)
    assert "sessionid" not in visitor.cookies
    assert visitor.get("/notifications/").status_code == 302


@pytest.mark.requirement("SEC-07")
def test_a_session_ends_with_its_time_and_with_the_office(desk, operator, owner_connection):
    assert desk.get("/operators/").status_code == 200
    owner_connection.execute("DELETE FROM tenancy_operator WHERE user_id = %s", [operator.pk])
    assert desk.get("/operators/").status_code == 302
    owner_connection.execute("INSERT INTO tenancy_operator (user_id, created_at) VALUES (%s, now())", [operator.pk])
    assert desk.get("/operators/").status_code == 200
    session = SessionStore(desk.cookies[COOKIE].value)
    session[SINCE] -= MOST_SECONDS + 1
    session.save()
    assert desk.get("/operators/").status_code == 302


@pytest.mark.requirement("SEC-07")
def test_signing_out_ends_it(desk):
    cookie = desk.cookies[COOKIE].value
    assert desk.post("/operators/logout/").status_code == 200
    desk.cookies[COOKIE] = cookie
    assert desk.get("/operators/").status_code == 302


@pytest.mark.requirement("SEC-07")
def test_its_policy_lets_nothing_in_from_elsewhere_and_is_its_own(desk):
    policy = desk.get("/operators/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert "unsafe" not in desk.get("/sign-in/")["Content-Security-Policy"]


@pytest.mark.requirement("SEC-01")
def test_no_row_of_a_tenant_is_there_before_one_is_chosen_and_then_only_its_own(desk, tenant, other_tenant, app):
    assert {desk.get(address).status_code for address in OF_TENANTS} == {403}
    detail = f"/operators/engine/app/{app.pk}/change/"
    desk.post("/operators/enter/", {"tenant": other_tenant.pk})
    assert "Secret digest" not in words(desk.get("/operators/engine/app/"))
    assert desk.get(detail).status_code == 302
    desk.post("/operators/enter/", {"tenant": tenant.pk})
    assert "Secret digest" in words(desk.get("/operators/engine/app/"))
    assert desk.get(detail).status_code == 200
    desk.post("/operators/enter/", {"tenant": ""})
    assert desk.get(detail).status_code == 403


@pytest.mark.requirement("SEC-05")
def test_the_tenant_reads_in_its_log_who_looked_and_what_they_did(in_tenant, tenant, operator, app):
    in_tenant.post("/operators/engine/app/", {"action": "pause", "_selected_action": [app.pk]})
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=app.pk).status == "paused"
        entered, paused = AuditEntry.objects.filter(actor_kind="operator").order_by("pk")
    assert (entered.verb, paused.verb) == ("operator.entered", "app.paused")
    assert {entered.actor_id, paused.actor_id} == {operator.pk}


def test_a_run_is_cancelled_and_a_call_in_doubt_is_settled_by_the_services(in_tenant, tenant, run):
    with tenant_scope(tenant.pk):
        effect = Effect.objects.create(
            execution=run, path="main/1", action="webhook", idem_key=f"test:{run.pk}", fence=1, state="unknown"
        )
    form = {"action": "done", "_selected_action": [effect.pk]}
    assert "Settled: 1" in words(in_tenant.post("/operators/engine/effect/", form, follow=True))
    assert "Only a call of which" in words(in_tenant.post("/operators/engine/effect/", form, follow=True))
    cancelled = in_tenant.post(
        "/operators/engine/execution/", {"action": "cancel", "_selected_action": [run.pk]}, follow=True
    )
    assert "Cancelled: 1" in words(cancelled)
    with tenant_scope(tenant.pk):
        assert Execution.objects.get(pk=run.pk).state == "cancelled"
        assert Effect.objects.get(pk=effect.pk).state == "done"


def test_every_list_is_drawn_and_nothing_is_added(in_tenant, run):
    assert {address: in_tenant.get(address).status_code for address in RECORDS} == dict.fromkeys(RECORDS, 200)
    apps, runs = "/operators/engine/app/", "/operators/engine/execution/"
    assert {in_tenant.get(f"{address}add/").status_code for address in (apps, runs)} == {403}
    assert [in_tenant.get(f"{address}?q={run.pk}").status_code for address in (apps, runs)] == [200, 200]


@pytest.mark.requirement("SEC-04")
def test_no_secret_is_on_a_page(in_tenant, tenant, principal, app, run):
    with tenant_scope(tenant.pk):
        key, _ = create_key(principal, "Deploys", ["apps:read"])
        digest_of_key = ApiKey.objects.get(pk=key.pk).digest
    page = in_tenant.get(f"/operators/tenancy/apikey/{key.pk}/change/")
    assert (page.status_code, "Deploys" in words(page), digest_of_key in words(page)) == (200, True, False)
    assert in_tenant.post(f"/operators/tenancy/apikey/{key.pk}/change/", {"name": "Mine"}).status_code == 403
    assert in_tenant.get(f"/operators/engine/execution/{run.pk}/change/").status_code == 200


@pytest.mark.requirement("SEC-01")
def test_the_runtime_makes_nobody_an_operator(admin_user):
    with pytest.raises(DatabaseError), transaction.atomic():
        Operator.objects.create(user=admin_user)
