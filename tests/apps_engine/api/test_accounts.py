"""Connected accounts over REST: one's own, that others' exist, and never a token."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from decommerce.accounts.models import ConnectedAccount
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.google_server.fixtures import authority, connect, google, make_colleague

__all__ = ["authority", "connect", "google", "make_colleague"]

pytestmark = pytest.mark.requirement("PIP-05")


@pytest.fixture
def ann(make_colleague, tenant):
    return make_colleague(tenant, "owner")


@pytest.fixture
def account(connect, tenant, ann) -> ConnectedAccount:
    """Ann's account for mail."""
    return connect(tenant, ann, "gmail", email="ann.secret@gmail.example", name="secret name")


def browser_of(person) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def listed(person) -> list[dict]:
    answer = browser_of(person).get("/api/v1/accounts")
    assert answer.status_code == 200
    for secret in ("ya29.", "1//0", "token"):
        assert secret not in answer.content.decode()
    return answer.json()["items"]


def test_a_person_sees_their_own_accounts_without_tokens(account, ann):
    [item] = listed(ann)
    assert item == {
        "id": account.pk,
        "mine": True,
        "person": str(ann),
        "provider": "google",
        "name": "secret name",
        "email": "ann.secret@gmail.example",
        "services": ["gmail"],
        "state": "active",
        "last_error": "",
        "connected_at": item["connected_at"],
        "used_at": None,
    }


def test_admins_see_that_accounts_of_others_exist_and_no_more(account, ann, make_colleague, tenant):
    [item] = listed(make_colleague(tenant, "admin"))
    assert (item["mine"], item["person"], item["services"]) == (False, str(ann), ["gmail"])
    assert (item["name"], item["email"]) == (None, None)


@pytest.mark.parametrize("role", ["moderator", "member"])
def test_nobody_else_sees_them(account, make_colleague, tenant, role):
    assert listed(make_colleague(tenant, role)) == []


def test_a_key_has_no_account_even_with_the_number_of_a_person(account, api):
    [item] = api.get("accounts").json()["items"]
    assert (item["mine"], item["email"]) == (False, None)
    assert api.call("DELETE", f"accounts/{account.pk}").status_code == 404


def test_only_its_owner_disconnects_an_account(account, ann, make_colleague, tenant, google):
    refused = browser_of(make_colleague(tenant, "owner")).delete(f"/api/v1/accounts/{account.pk}")
    assert (refused.status_code, refused.json()["code"]) == (404, "account_not_found")
    assert google.asked == []
    assert browser_of(ann).delete(f"/api/v1/accounts/{account.pk}").status_code == 204
    assert account.permission.revoked
    with tenant_scope(tenant.pk):
        assert not ConnectedAccount.objects.exists()
        assert AuditEntry.objects.filter(verb="account.disconnected").count() == 1


def test_the_list_takes_the_same_number_of_statements_however_long_it_is(connect, ann, tenant, make_colleague):
    counts = []
    for number in range(3):
        connect(tenant, ann, "gmail", name=f"own {number}", email=f"own{number}@gmail.example")
        connect(tenant, make_colleague(tenant), "gmail", email=f"other{number}@gmail.example")
        browser = browser_of(ann)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/api/v1/accounts")
        counts.append(len(queries))
    assert len(set(counts)) == 1
