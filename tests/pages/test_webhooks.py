"""The section of an app's page about calls from other systems, in a browser (TRG-06)."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.apps_engine.api.callers import listening
from tests.pages.browsing import sideways, sign_in

pytestmark = pytest.mark.usefixtures("watch")


def shoot(page: Page, name: str) -> None:
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


@pytest.mark.requirement("TRG-06")
def test_a_secret_is_made_with_the_keyboard_and_fits_a_phone(page: Page, admin_user, tenant):
    person = principal_of(admin_user, tenant.pk)
    with tenant_scope(tenant.pk):
        app = create_app(person, listening()).pk
    sign_in(page, admin_user)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/apps/{app}/")
    shoot(page, "webhook-before")
    assert sideways(page) == 0
    page.get_by_label("The sender’s secret, if it has one").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copy the secret now")).to_be_visible()
    expect(page.locator("code.secret").filter(has_text="whsec_")).to_be_visible()
    shoot(page, "webhook-secret")
    assert sideways(page) == 0
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 860})
    shoot(page, "webhook-secret-dark")
