"""From an app's page to what became of an event there, in a browser (TRG-11)."""

from __future__ import annotations

import os

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.services.decisions import Refusal, record_decisions
from apps_engine.store.models import EventInbox
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.apps_engine.api.callers import listening
from tests.pages.browsing import sideways, sign_in


def shoot(page: Page, name: str) -> None:
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


@pytest.mark.requirement("TRG-11")
def test_an_events_id_is_asked_for_with_the_keyboard_on_a_phone(page: Page, admin_user, tenant, watch):
    person = principal_of(admin_user, tenant.pk)
    with tenant_scope(tenant.pk):
        app = create_app(person, listening()).pk
        kept = {"source": "shop", "type": "order.paid", "time": timezone.now(), "data": {}}
        EventInbox.objects.create(event_id="e" * 120, dedupe_key="1", **kept)
        record_decisions([Refusal(app, "start", "filtered", "e" * 120)])
    sign_in(page, admin_user)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/apps/{app}/")
    field = page.get_by_label("Why did it not run for this event?")
    field.focus()
    page.keyboard.type("nobody-knows")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No event “nobody-knows” arrived here.")
    expect(field).to_be_focused()
    watch.faults[:] = [fault for fault in watch.faults if "404" not in fault]
    assert sideways(page) == 0
    shoot(page, "why-unknown")
    page.emulate_media(color_scheme="dark")
    shoot(page, "why-unknown-dark")
    field.fill("e" * 120)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Who listened")).to_be_visible()
    assert sideways(page) == 0
    shoot(page, "why-event")
