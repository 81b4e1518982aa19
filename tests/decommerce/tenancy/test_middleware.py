"""Who a request is, and that it works in exactly one tenant (SEC-01, SEC-04)."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory

from decommerce.tenancy.context import current_tenant_id, tenant_scope
from decommerce.tenancy.middleware import TenantMiddleware, principal_of
from decommerce.tenancy.models import AuditEntry, Membership


class Anonymous:
    """Nobody is signed in."""

    is_authenticated = False


def answer(view, *, key: str | None = None, user=None, session: dict | None = None) -> HttpResponse:
    """What the middleware makes of a request to `view`."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = RequestFactory().get("/", headers=headers)
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
