"""A draft beside the live version in a browser: from the editor to the comparison, on a phone, in the dark (RUN-15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps_engine.services import shadow_turns
from apps_engine.services.apps import create_app
from apps_engine.store.models import EventInbox
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.chat.test_backtest import TELLING
from tests.pages.browsing import sign_in
from tests.pages.looking import look

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("RUN-15")]


def test_a_draft_is_set_beside_an_app_and_compared_with_it(page: Page, admin_user, tenant, monkeypatch):
    monkeypatch.setattr(shadow_turns, "SETTLED", timedelta(0))
    with tenant_scope(tenant.pk):
        app = create_app(principal_of(admin_user, tenant.pk), TELLING).pk
    sign_in(page, admin_user, f"/apps/{app}/shadow/")
    look(page, "shadow-none")
    page.get_by_role("link", name="Edit the app").click()
    page.get_by_role("button", name="Try beside the live version").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The draft is beside the live version now.")).to_be_visible()
    with tenant_scope(tenant.pk):
        data = {"post": {"id": 1, "body_length": 10}}
        told = {"event_id": "1", "dedupe_key": "1", "source": "/test", "type": "post.created"}
        EventInbox.objects.create(**told, time=timezone.now(), data=data)
    shadow_turns.take_turns()
    look(page, "shadow")
    expect(page.get_by_role("row", name="Sends notifications")).to_be_visible()
    page.get_by_role("button", name="End the comparison").click()
    expect(page.get_by_text("What was counted stays here.")).to_be_visible()
