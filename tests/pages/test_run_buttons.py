"""What the page of a failed run offers, and the page of what is used (RUN-07, RUN-13)."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.services.quotas import EMAILS, set_quota, spend
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.principal import system_principal
from tests.chat.definitions import digest
from tests.pages.browsing import sign_in
from tests.pages.looking import look

pytestmark = pytest.mark.usefixtures("watch")


@pytest.fixture
def failed(tenant, admin_user) -> int:
    """A run that failed."""
    person = principal_of(admin_user, tenant.pk)
    error = {"code": "model_busy", "message": "The model was busy.", "hint": "Try it later.", "path": "main/0"}
    with tenant_scope(tenant.pk):
        run = run_app(person, create_app(person, digest()).pk)
        Execution.objects.filter(pk=run.pk).update(state="failed", error=error, attempt=3)
    return run.pk


def shoot(page: Page, name: str) -> None:
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


@pytest.mark.requirement("RUN-13")
def test_a_failed_run_is_retried_with_the_keyboard_or_run_again(page: Page, admin_user, failed):
    sign_in(page, admin_user, f"/runs/{failed}/")
    shoot(page, "failed")
    page.set_viewport_size({"width": 360, "height": 740})
    shoot(page, "failed-narrow")
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("The run is queued.")).to_be_visible()
    page.goto(f"/runs/{failed}/")
    page.get_by_role("button", name="Retry from here").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The run is queued again, to go on where it failed.")).to_be_visible()
    expect(page.get_by_role("button", name="Retry from here")).to_have_count(0)


@pytest.mark.requirement("RUN-13")
def test_the_focus_stays_where_it_is_while_the_page_of_a_run_changes(page: Page, admin_user, failed, tenant):
    def now(state: str, done: int) -> None:
        with tenant_scope(tenant.pk):
            Execution.objects.filter(pk=failed).update(state=state, progress={"done": done, "total": 9})

    now("running", 1)
    sign_in(page, admin_user, f"/runs/{failed}/")
    start = page.locator("details[data-key=trigger] > summary")
    for done, place in enumerate((page.get_by_role("button", name="Cancel"), start), start=2):
        place.focus()
        now("running", done)
        expect(page.get_by_text(f"{done} of 9 items")).to_be_visible()
        expect(place).to_be_focused()
    page.get_by_role("button", name="Cancel").focus()
    now("failed", 9)
    expect(page.get_by_role("button", name="Retry from here")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.requirement("RUN-13")
def test_calls_of_which_nobody_knows_fit_a_phone_and_have_buttons_of_their_own(page: Page, admin_user, failed, tenant):
    with tenant_scope(tenant.pk):
        for number in range(2):
            call = {"path": "main/0", "action": "webhook", "state": "unknown", "fence": 1}
            Effect.objects.create(execution_id=failed, idem_key=f"{'k' * 120}{number}", **call)
    for address in ("/approvals/", f"/runs/{failed}/"):
        sign_in(page, admin_user, address)
        expect(page.get_by_role("button", name="It arrived: call")).to_have_count(2)
        look(page, f"unknown-{address.split('/')[1]}")


@pytest.mark.requirement("RUN-07")
def test_the_page_of_usage_shows_bars_and_what_happens_when_one_is_full(page: Page, admin_user, tenant):
    sign_in(page, admin_user)
    page.locator(".account > summary").click()
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_text("Nothing is used yet")).to_be_visible()
    shoot(page, "usage-empty")
    with tenant_scope(tenant.pk):
        set_quota(system_principal(tenant.pk, "an operator"), EMAILS, 1_200)
        spend("email", 1_200)
        spend("ai", 420)
    page.reload()
    expect(page.get_by_role("meter", name="E-mails of apps today")).to_have_js_property("value", 100)
    expect(page.get_by_text("All of it is used.")).to_have_count(1)
    expect(page.get_by_text("1,200 of 1,200")).to_be_visible()
    shoot(page, "usage")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    shoot(page, "usage-dark-narrow")
