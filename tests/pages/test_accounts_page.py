"""Connecting an account in a real browser: the page, the consent of a local Google, and back."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from decommerce.accounts.models import ConnectedAccount
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.outgoing.conftest import LOCAL
from tests.google_server.fixtures import authority, make_colleague
from tests.google_server.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google_server.server import HOSTS, GoogleServer, running_google
from tests.pages.browsing import Watch, sideways, sign_in, wait_for_scripts
from tests.pages.test_pages import CONTRASTS
from tests.web_server import WebServer, web_server

__all__ = ["authority", "make_colleague"]

pytestmark = pytest.mark.requirement("PIP-05")


@pytest.fixture(scope="module")
def shared_google(authority) -> Iterator[GoogleServer]:
    with running_google(authority.server_context(HOSTS)) as server:
        yield server


@pytest.fixture(scope="module")
def web(shared_google, authority, service_environment, database, tmp_path_factory) -> Iterator[WebServer]:
    """A web process that is registered at the local Google."""
    registered = {
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "DECOMMERCE_GOOGLE_CONSENT_URL": shared_google.consent_url,
        "DECOMMERCE_GOOGLE_OAUTH_URL": shared_google.url(HOSTS[0]),
        "DECOMMERCE_OUTGOING_PORTS": str(shared_google.port),
        "DECOMMERCE_OUTGOING_HOSTS": ",".join(f"{host}={LOCAL}" for host in HOSTS),
        "DECOMMERCE_OUTGOING_CA_BUNDLE": str(authority.bundle),
    }
    log = tmp_path_factory.mktemp("accounts") / "web.log"
    with web_server({**service_environment, **registered}, log, access_log=True) as server:
        yield server


@pytest.fixture
def google(shared_google) -> GoogleServer:
    shared_google.identity.permissions.clear()
    shared_google.asked.clear()
    return shared_google


@pytest.fixture(autouse=True)
def watch(web, google, context) -> Iterator[Watch]:
    """Fails the test for complaints, and for requests to anywhere but us and the consent page."""
    watching = Watch(urlsplit(web.url).netloc).on(context)
    consent = urlsplit(google.consent_url).netloc
    context.route(lambda url: urlsplit(url).netloc == consent, lambda route: route.continue_())
    yield watching
    assert watching.faults == []


def account_menu(page: Page) -> None:
    """Open the page by the menu, as a person does."""
    page.locator(".account > summary").click()
    page.get_by_role("link", name="Connected accounts").click()
    expect(page.get_by_role("heading", level=1, name="Connected accounts")).to_be_visible()


def test_a_person_connects_mail_adds_the_calendar_and_disconnects(page: Page, admin_user, tenant, google, web):
    sign_in(page, admin_user)
    account_menu(page)
    expect(page.get_by_text("No account is connected")).to_be_visible()

    page.get_by_role("button", name="Connect Gmail").click()
    expect(page.get_by_role("heading", name="Decommerce wants access to your Google Account")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("The account is connected.")).to_be_visible()
    expect(page.get_by_role("heading", name="ann@gmail.example")).to_be_visible()
    expect(page.get_by_text("Search and read your mail.")).to_be_visible()

    page.get_by_role("button", name="Also allow Google Calendar").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("See the events of your calendars.")).to_be_visible()
    with tenant_scope(tenant.pk):
        assert ConnectedAccount.objects.count() == 1

    page.get_by_text("Disconnect…").click()
    page.get_by_role("button", name="Disconnect", exact=True).click()
    expect(page.get_by_text("The account is disconnected")).to_be_visible()
    expect(page.get_by_text("No account is connected")).to_be_visible()
    assert len(google.asked_at("/revoke")) == 1


def test_who_says_no_comes_back_to_a_page_that_says_so(page: Page, admin_user, google):
    sign_in(page, admin_user, "/accounts/")
    page.get_by_role("button", name="Connect Google Calendar").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("You did not allow the access")
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_it_works_by_the_keyboard_alone(page: Page, admin_user, google):
    sign_in(page, admin_user, "/accounts/")
    page.get_by_role("button", name="Connect Gmail").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Allow").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The account is connected.")).to_be_visible()
    wait_for_scripts(page)
    page.get_by_text("Disconnect…").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Disconnect", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Disconnect", exact=True)).to_be_hidden()


@pytest.mark.requirement("CHT-10")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_state_can_be_read_on_phones_and_in_the_dark(
    page: Page, admin_user, make_colleague, tenant, google, scheme, width
):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    now = {"expires_at": "2026-11-21T09:00:00Z", "scopes": ["https://www.googleapis.com/auth/gmail.readonly"]}
    colleague = make_colleague(tenant)
    with tenant_scope(tenant.pk):
        for place, state in enumerate(("active", "expired", "revoked", "insufficient")):
            email = f"{state}.with.a.rather.long.address.for.a.phone@a.company.with.a.long.name.example"
            ConnectedAccount.objects.create(
                user=admin_user, subject=str(place), name=f"account {place}", email=email, state=state, **now
            )
        ConnectedAccount.objects.create(user=colleague, subject="other", name="x", email="b@c.de", **now)
    sign_in(page, admin_user, "/accounts/")
    page.get_by_text("Connect another account").click()
    page.get_by_text("Disconnect…").last.click()
    assert sideways(page) == 0
    assert page.evaluate(CONTRASTS) == []


@pytest.mark.requirement("SEC-07")
def test_the_access_log_has_no_code_of_google(page: Page, admin_user, google, web):
    sign_in(page, admin_user, "/accounts/")
    page.get_by_role("button", name="Connect Gmail").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("The account is connected.")).to_be_visible()
    log = web.log.read_text()
    assert "/accounts/callback/?…" in log
    for secret in ("4/0A", "4%2F0A", "state=", "ya29.", "1//0", CLIENT_SECRET):
        assert secret not in log
