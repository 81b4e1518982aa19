"""Connections that do not come about: refused by the person, by Google, or by us."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from decommerce.accounts.flow import CALLBACK, GOOD_FOR_SECONDS
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import SESSION_TENANT
from decommerce.tenancy.models import Membership
from tests.chat.connecting import CALENDAR, GMAIL, accounts_of, ann, browser, connected, consent, leave
from tests.google_server import wire
from tests.google_server.fixtures import authority, connect, google, make_colleague

__all__ = ["ann", "authority", "browser", "connect", "google", "make_colleague"]

pytestmark = pytest.mark.requirement("PIP-05")


# Refusals


def test_who_says_no_has_nothing_connected(google, browser, tenant):
    html = browser.get(consent(google, leave(browser), verdict="cancel"), follow=True).content.decode()
    assert "You did not allow the access" in html
    assert accounts_of(tenant) == []


def test_who_unticks_the_box_has_nothing_connected_and_the_permission_given_back(google, browser, tenant):
    html = connected(browser, google, "openid", "email")
    assert "oauth_scope_missing" in html
    assert accounts_of(tenant) == []
    assert [permission.revoked for permission in google.identity.permissions] == [True]


def test_unticking_an_added_service_leaves_the_account_as_it_was(google, browser, tenant):
    connected(browser, google)
    [before] = accounts_of(tenant)
    google.identity.permissions[0].revoked = True
    html = connected(browser, google, "openid", "email", service="calendar", account=before.pk)
    assert "oauth_scope_missing" in html
    [after] = accounts_of(tenant)
    assert after.refresh_token == before.refresh_token


def test_of_two_services_that_were_asked_for_one_may_be_allowed(google, browser, tenant):
    connected(browser, google, "openid", "email", CALENDAR, service=["gmail", "calendar"])
    [account] = accounts_of(tenant)
    assert CALENDAR in account.scopes
    assert GMAIL not in account.scopes


@pytest.mark.requirement("SEC-07")
def test_an_answer_is_taken_once_and_in_its_own_session_only(google, browser, tenant, make_colleague):
    back = consent(google, leave(browser))
    stranger = Client()
    stranger.force_login(make_colleague(tenant, "owner"))
    assert "belongs to no question" in stranger.get(back, follow=True).content.decode()
    assert "The account is connected." in browser.get(back, follow=True).content.decode()
    assert "belongs to no question" in browser.get(back, follow=True).content.decode()
    assert len(accounts_of(tenant)) == 1


@pytest.mark.requirement("SEC-07")
@pytest.mark.parametrize("state", ["", "wrong", "é\x00"])
def test_a_forged_answer_connects_nothing_and_asks_google_nothing(google, browser, tenant, state):
    leave(browser)
    html = browser.get(CALLBACK, {"state": state, "code": "4/0Astolen"}, follow=True).content.decode()
    assert "belongs to no question" in html
    assert google.asked_at("/token") == []
    assert accounts_of(tenant) == []


def test_an_answer_without_a_code_connects_nothing(google, browser):
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    assert "without an answer" in browser.get(CALLBACK, {"state": state}, follow=True).content.decode()


def test_an_answer_that_comes_too_late_connects_nothing(google, browser, tenant):
    back = consent(google, leave(browser))
    session = browser.session
    session["account_pending"]["asked_at"] -= GOOD_FOR_SECONDS + 1
    session.save()
    assert "belongs to no question" in browser.get(back, follow=True).content.decode()
    assert accounts_of(tenant) == []


@pytest.mark.requirement("SEC-01")
def test_an_answer_belongs_to_the_community_in_which_it_was_asked(google, browser, tenant, other_tenant, ann):
    with tenant_scope(other_tenant.pk):
        Membership.objects.create(user=ann, role="owner")
    back = consent(google, leave(browser))
    session = browser.session
    session[SESSION_TENANT] = other_tenant.pk
    session.save()
    assert "in another community" in browser.get(back, follow=True).content.decode()
    assert accounts_of(tenant) == accounts_of(other_tenant) == []


def test_a_code_that_google_does_not_know_connects_nothing(google, browser, tenant):
    back = consent(google, leave(browser))
    google.identity.codes.clear()
    assert "does not know this permission" in browser.get(back, follow=True).content.decode()
    assert accounts_of(tenant) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"aud": "somebody else"}, "whose account"),
        ({"iss": "https://evil.example"}, "whose account"),
        ({"nonce": "another"}, "whose account"),
        ({"exp": 1}, "whose account"),
        ({"email": ""}, "whose account"),
    ],
)
def test_an_id_token_that_is_not_meant_for_us_connects_nothing(google, browser, tenant, change, words):
    google.identity.claims = change
    assert words in connected(browser, google)
    assert accounts_of(tenant) == []


def test_a_google_that_fails_is_told_and_may_be_tried_again(google, browser, tenant):
    back = consent(google, leave(browser))
    google.script["/token"] = [wire.failure(503, "backendError", "Backend Error")]
    assert "service_failed" in browser.get(back, follow=True).content.decode()
    assert accounts_of(tenant) == []
    assert "The account is connected." in connected(browser, google)


def test_a_registration_that_google_refuses_is_the_operators_to_mend(google, browser, settings):
    settings.GOOGLE_CLIENT_SECRET = "wrong"
    assert "oauth_not_configured" in connected(browser, google)


def test_only_services_that_exist_are_connected(google, browser):
    after = browser.post("/accounts/connect/", {"service": "drive"}, follow=True).content.decode()
    assert "no such service" in after
    assert google.asked == []
