"""The page of connected accounts: connecting at a local Google, disconnecting, and what others see."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from decommerce.accounts.errors import ACCOUNTS_PAGE
from decommerce.accounts.flow import CALLBACK, redirect_uri
from decommerce.accounts.models import ConnectedAccount
from decommerce.outgoing.models import OutgoingCall
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.chat.connecting import CALENDAR, GMAIL, accounts_of, ann, browser, connected, consent, leave
from tests.google_server import wire
from tests.google_server.fixtures import authority, connect, google, make_colleague
from tests.google_server.oauth import CLIENT_ID, CLIENT_SECRET

__all__ = ["ann", "authority", "browser", "connect", "google", "make_colleague"]

pytestmark = pytest.mark.requirement("PIP-05")


def test_the_addresses_are_those_that_errors_and_google_know():
    assert reverse("accounts") == ACCOUNTS_PAGE
    assert reverse("account-callback") == CALLBACK


def test_an_empty_page_says_what_to_do(google, browser):
    html = browser.get("/accounts/").content.decode()
    assert "No account is connected" in html
    assert "Connect Gmail" in html
    assert "Connect Google Calendar" in html


def test_without_the_operators_registration_the_page_says_which_settings_are_missing(browser, settings):
    settings.GOOGLE_CLIENT_ID = settings.GOOGLE_CLIENT_SECRET = ""
    html = browser.get("/accounts/").content.decode()
    for words in ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", redirect_uri()):
        assert words in html
    assert "Connect Gmail" not in html
    after = browser.post("/accounts/connect/", {"service": "gmail"}, follow=True).content.decode()
    assert "oauth_not_configured" in after


def test_google_is_asked_for_the_least_with_state_and_pkce(google, browser):
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leave(browser)).query).items()}
    fresh = {name: asked.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert asked == {
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri(),
        "response_type": "code",
        "scope": f"openid email {GMAIL}",
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
    }
    assert min(map(len, fresh.values())) >= 43
    again = parse_qs(urlsplit(leave(browser)).query)
    assert all(again[name][0] != value for name, value in fresh.items())


def test_connecting_keeps_the_account_and_says_so(google, browser, tenant, ann):
    html = connected(browser, google)
    assert "The account is connected." in html
    assert "ann@gmail.example" in html
    [account] = accounts_of(tenant)
    assert (account.user_id, account.name, account.email, account.state) == (
        ann.pk,
        "default",
        "ann@gmail.example",
        "active",
    )
    assert GMAIL in account.scopes
    [permission] = google.identity.permissions
    assert (account.refresh_token, account.access_token in permission.access) == (permission.refresh, True)
    with tenant_scope(tenant.pk):
        [entry] = AuditEntry.objects.filter(verb="account.connected")
    assert entry.details == {"provider": "google", "services": ["gmail"]}


def test_another_service_of_the_same_account_is_added_to_it(google, browser, tenant):
    connected(browser, google)
    [account] = accounts_of(tenant)
    url = leave(browser, service="calendar", account=account.pk)
    assert parse_qs(urlsplit(url).query)["login_hint"] == ["ann@gmail.example"]
    html = browser.get(consent(google, url), follow=True).content.decode()
    assert "Google Calendar" in html
    [account] = accounts_of(tenant)
    assert {GMAIL, CALENDAR} <= set(account.scopes)


def test_a_second_account_has_a_name_of_its_own(google, browser, tenant):
    connected(browser, google)
    google.identity.email = "ann@work.example"
    connected(browser, google, name="work")
    google.identity.email = "ann@club.example"
    connected(browser, google)
    assert [account.name for account in accounts_of(tenant)] == ["default", "work", "ann@club.example"]
    google.identity.email = "ann@fourth.example"
    assert "Another account of yours is called “work”." in connected(browser, google, name="work")


def test_connecting_again_mends_a_revoked_account(google, browser, tenant):
    connected(browser, google)
    connected(browser, google, service="calendar")
    [account] = accounts_of(tenant)
    google.identity.permissions[-1].revoked = google.identity.permissions[0].revoked = True
    with tenant_scope(tenant.pk):
        ConnectedAccount.objects.update(state="revoked", last_error="oauth_revoked", refresh_token="")
    html = browser.get("/accounts/").content.decode()
    assert "Connect again" in html
    assert html.count('type="hidden" name="service"') == 2
    connected(browser, google, service=["gmail", "calendar"], account=account.pk)
    [mended] = accounts_of(tenant)
    assert (mended.pk, mended.state, mended.last_error) == (account.pk, "active", "")
    assert {GMAIL, CALENDAR} <= set(mended.scopes)
    assert mended.refresh_token == google.identity.permissions[-1].refresh


# Disconnecting


def test_disconnecting_deletes_the_tokens_and_gives_the_permission_back(google, browser, tenant):
    connected(browser, google)
    [account] = accounts_of(tenant)
    html = browser.post(f"/accounts/{account.pk}/disconnect/", follow=True).content.decode()
    assert "The account is disconnected" in html
    assert accounts_of(tenant) == []
    [revoked] = google.asked_at("/revoke")
    assert revoked.form == {"token": account.refresh_token}
    assert google.identity.permissions[0].revoked


def test_a_google_that_cannot_be_told_keeps_nobody_connected(google, browser, tenant):
    connected(browser, google)
    [account] = accounts_of(tenant)
    google.script["/revoke"] = [wire.failure(503, "backendError", "Backend Error")]
    browser.post(f"/accounts/{account.pk}/disconnect/")
    assert accounts_of(tenant) == []
    with tenant_scope(tenant.pk):
        [entry] = AuditEntry.objects.filter(verb="account.revocation_failed")
    assert entry.details == {"code": "service_failed"}


def test_a_permission_that_is_over_already_is_no_failure(google, browser, tenant):
    connected(browser, google)
    [account] = accounts_of(tenant)
    google.identity.permissions[0].revoked = True
    browser.post(f"/accounts/{account.pk}/disconnect/")
    with tenant_scope(tenant.pk):
        assert not AuditEntry.objects.filter(verb="account.revocation_failed").exists()


# Others


@pytest.mark.requirement("SEC-01")
def test_nobody_elses_account_is_shown_or_touched(google, connect, browser, tenant, other_tenant, make_colleague, ann):
    colleague = connect(tenant, make_colleague(tenant, "owner"), "gmail", email="bo.secret@gmail.example")
    elsewhere = connect(other_tenant, ann, "gmail", email="elsewhere.secret@gmail.example")
    assert ".secret@" not in browser.get("/accounts/").content.decode()
    for account in (colleague, elsewhere):
        assert browser.post(f"/accounts/{account.pk}/disconnect/").status_code == 404
        after = browser.post("/accounts/connect/", {"service": "gmail", "account": account.pk}, follow=True)
        assert "no such connected account" in after.content.decode()
    assert len(accounts_of(tenant)) == len(accounts_of(other_tenant)) == 1


def test_admins_see_that_accounts_of_others_exist(google, connect, tenant, make_colleague, ann):
    connect(tenant, ann, "gmail", email="ann.secret@gmail.example", name="secret name")
    admin = Client()
    admin.force_login(make_colleague(tenant, "admin"))
    html = admin.get("/accounts/").content.decode()
    assert "Accounts of others" in html
    assert str(ann) in html
    assert "secret" not in html


def test_the_page_asks_who_one_is(client):
    assert client.get("/accounts/")["Location"].startswith("/sign-in/")
    assert client.get(CALLBACK, {"code": "x", "state": "y"})["Location"].startswith("/sign-in/")
    assert client.post("/accounts/connect/", {"service": "gmail"})["Location"].startswith("/sign-in/")


@pytest.mark.requirement("SEC-07")
def test_the_forms_need_their_csrf_token(google, ann):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    assert browser.post("/accounts/connect/", {"service": "gmail"}).status_code == 403
    assert browser.post("/accounts/1/disconnect/").status_code == 403
    assert browser.get("/accounts/connect/").status_code == 405


def test_google_is_asked_outside_any_transaction(google, browser, tenant):
    back = consent(google, leave(browser))
    open_while_asked = []
    handle = google.identity.token

    def watching(asked):
        with tenant_scope(tenant.pk):
            open_while_asked.append(ConnectedAccount.objects.count())
        return handle(asked)

    google.identity.token = watching
    browser.get(back)
    assert open_while_asked == [0]
    assert not transaction.get_connection().in_atomic_block


# Secrets


@pytest.mark.requirement("SEC-07")
def test_no_token_or_code_is_on_a_page_or_in_a_log(google, browser, tenant, caplog):
    caplog.set_level("DEBUG")
    html = connected(browser, google)
    [account] = accounts_of(tenant)
    html += browser.get("/accounts/").content.decode()
    browser.post(f"/accounts/{account.pk}/disconnect/")
    with tenant_scope(tenant.pk):
        calls = "".join(str(vars(call)) for call in OutgoingCall.objects.all())
        audit = "".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "oauth2.googleapis.com" in calls
    for secret in (account.access_token, account.refresh_token, CLIENT_SECRET, "4/0A", "ya29."):
        assert secret not in html + caplog.text + calls + audit
