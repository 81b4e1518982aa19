"""Trying an app on the past in a browser: by keyboard, on a phone, in the dark (RUN-14)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.store.models import EventInbox
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.chat.test_backtest import TELLING
from tests.pages.browsing import sign_in
from tests.pages.looking import look

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("RUN-14")]


def test_an_app_is_tried_on_the_past_with_the_keyboard_and_the_answer_has_the_focus(page: Page, admin_user, tenant):
    with tenant_scope(tenant.pk):
        app = create_app(principal_of(admin_user, tenant.pk), TELLING).pk
        for number, length in enumerate((10, 20, 300)):
            told = {"event_id": f"{number}", "dedupe_key": f"{number}", "source": "/test", "type": "post.created"}
            data = {"post": {"id": number, "body_length": length}}
            EventInbox.objects.create(**told, time=timezone.now(), data=data)
    sign_in(page, admin_user, f"/apps/{app}/")
    page.get_by_role("link", name="Try on the past").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What you will see")).to_be_visible()
    look(page, "backtest-before")
    choice = page.get_by_label("How far back")
    choice.focus()
    choice.select_option("30")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It would have started 2 times")).to_be_visible()
    expect(page.locator("#backtest")).to_be_focused()
    expect(choice).to_have_value("30")
    look(page, "backtest")
