"""Who a request is, and that it works in exactly one tenant (SEC-01, SEC-04)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory

from decommerce.tenancy.context import current_tenant_id, tenant_scope
from decommerce.tenancy.middleware import TenantMiddleware, principal_of
from decommerce.tenancy.models import AuditEntry, Membership
from tests.web_server import web_server


class Anonymous:
    """Nobody is signed in."""

    is_authenticated = False


def answer(view, *, key: str | None = None, user=None, session: dict | None = None, **sent: Any) -> HttpResponse:
    """What the middleware makes of a request to `view`, a GET of any media type unless `sent` says more."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = RequestFactory().generic(**{"method": "GET", "path": "/", "headers": headers, **sent})
    request.user = user or Anonymous()
    request.session = session or {}

    def respond(request: HttpRequest) -> HttpResponse:
        return middleware.process_view(request, view, (), {}) or view(request)

    middleware = TenantMiddleware(respond)
    return middleware(request)


def who(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {"tenant": current_tenant_id(), "kind": request.principal.kind, "scopes": sorted(request.principal.scopes)}
    )


@pytest.mark.requirement("SEC-04")
def test_a_key_acts_in_its_own_tenant(tenant, api_key):
    assert f'"tenant": {tenant.pk}' in answer(who, key=api_key).content.decode()


@pytest.mark.requirement("SEC-04")
def test_an_unknown_key_gets_401_with_a_code_and_a_way_out():
    response = answer(who, key="dk_wrong")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert '"code": "key_refused"' in response.content.decode()
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_person_acts_in_the_tenant_of_their_session_only_if_they_belong_to_it(tenant, other_tenant, make_person):
    person = make_person(tenant, "admin")
    assert principal_of(person, tenant.pk).tenant_id == tenant.pk
    assert principal_of(person, other_tenant.pk).tenant_id == tenant.pk
    with tenant_scope(other_tenant.pk):
        Membership.objects.create(user=person, role="moderator")
    there = principal_of(person, other_tenant.pk)
    assert (there.tenant_id, there.role, there.may("apps:write")) == (other_tenant.pk, "moderator", False)


def test_someone_without_a_membership_is_nobody(tenant, make_person):
    person = make_person(tenant)
    with tenant_scope(tenant.pk):
        Membership.objects.filter(user=person).delete()
    assert principal_of(person, tenant.pk) is None


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (302, 1), (400, 0), (404, 0), (500, 0)])
def test_an_answer_of_four_hundred_or_more_leaves_nothing_behind(tenant, api_key, status, kept):
    def write(request: HttpRequest) -> HttpResponse:
        AuditEntry.objects.create(actor_kind="test", actor_label="x", verb="test.wrote", target="none")
        return HttpResponse(status=status)

    answer(write, key=api_key)
    with tenant_scope(tenant.pk):
        assert AuditEntry.objects.filter(verb="test.wrote").count() == kept


def end_of_the_connection(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


def test_a_program_whose_request_the_database_left_is_told_to_send_it_again(api_key):
    response = answer(end_of_the_connection, key=api_key)
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert '"code": "database_away"' in response.content.decode()
    assert response["Retry-After"]


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("POST", "Nobody can say yet whether what you sent was kept."),
        ("GET", 'href="/runs/?state=dead&amp;search=%3Cb%3E"'),
    ],
)
def test_a_person_whose_request_the_database_left_is_told_what_is_known_of_what_they_sent(
    tenant, make_person, method, told
):
    sent = {"method": method, "path": "/runs/?state=dead&search=<b>", "headers": {"Accept": "text/html"}}
    response = answer(end_of_the_connection, user=make_person(tenant, "admin"), **sent)
    html = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert told in html
    assert ("what you sent" in html) == (method == "POST")


def test_who_signs_in_while_the_database_is_away_is_told_so(client, monkeypatch):
    monkeypatch.setattr("chat.views.sign_in.authenticate", lambda request, **_: end_of_the_connection(request))
    form = {"email": "ann@example.org", "password": "correct horse"}
    response = client.post("/sign-in/", form, headers={"Accept": "text/html"})
    connection.close()
    assert response.status_code == 503
    assert "whether what you sent was kept" in response.content.decode()


def test_another_fault_of_the_database_is_a_fault_of_ours(api_key):
    def too_slow(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)")
        return HttpResponse()

    with pytest.raises(OperationalError):
        answer(too_slow, key=api_key)


def test_a_web_process_whose_connections_were_all_ended_serves_the_next_requests_at_once(
    api_key, owner_connection, service_environment, tmp_path
):
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
    environment = {**service_environment, "PGAPPNAME": "a web process"}
    with web_server(environment, tmp_path / "web.log") as server:

        def status(_: int) -> int:
            request = Request(f"{server.url}/api/v1/apps", headers={"Authorization": f"Bearer {api_key}"})
            try:
                with urlopen(request, timeout=20) as response:
                    return int(response.status)
            except HTTPError as refused:
                return refused.code

        with ThreadPoolExecutor(8) as at_once:
            assert set(at_once.map(status, range(24))) == {200}
        ended = owner_connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({others}) own", ["a web process"])
        assert len(ended.fetchall()) > 1
        assert {status(number) for number in range(12)} == {200}
