"""Going to the local Google and back, as a browser does."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from decommerce.accounts.errors import ACCOUNTS_PAGE
from decommerce.accounts.flow import CALLBACK, redirect_uri
from decommerce.accounts.models import ConnectedAccount
from decommerce.accounts.service import SERVICES
from decommerce.tenancy.context import tenant_scope
from tests.wire_server import Asked

GMAIL = SERVICES["gmail"].scope
CALENDAR = SERVICES["calendar"].scope


@pytest.fixture
def ann(make_colleague, tenant):
    return make_colleague(tenant, "member")


@pytest.fixture
def browser(ann) -> Client:
    """Ann's browser; she is an ordinary member."""
    browser = Client()
    browser.force_login(ann)
    return browser


def leave(browser: Client, **chosen) -> str:
    """Press a button that connects; the address at Google that the page leads to."""
    page = browser.post("/accounts/connect/", {"service": "gmail", **chosen})
    assert page.status_code == 200
    [url] = set(re.findall(r'url=([^"]+)"', page.content.decode()))
    return url.replace("&amp;", "&")


def consent(google, url: str, *scopes: str, verdict: str = "allow") -> str:
    """Choose at Google's page; the address that it sends the browser back to."""
    target = url.removeprefix(google.consent_url.removesuffix("/o/oauth2/v2/auth"))
    page = google.handle(Asked("GET", target, {}))
    assert page.status == 200, page.body
    form = {"scope": list(scopes) or parse_qs(urlsplit(target).query)["scope"][0].split(), "verdict": verdict}
    back = google.handle(Asked("POST", target, {}, urlencode(form, doseq=True).encode()))
    location = back.headers["Location"]
    assert location.startswith(redirect_uri())
    return location.removeprefix(redirect_uri().removesuffix(CALLBACK))


def connected(browser: Client, google, *scopes: str, **chosen) -> str:
    """The page after going to Google and back."""
    answer = browser.get(consent(google, leave(browser, **chosen), *scopes), follow=True)
    assert answer.redirect_chain[-1][0].startswith(ACCOUNTS_PAGE)
    return answer.content.decode()


def accounts_of(tenant) -> list[ConnectedAccount]:
    with tenant_scope(tenant.pk):
        return list(ConnectedAccount.objects.all())
