"""The operators' pages in a browser: they work under their policy, narrow and wide, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import bury
from apps_engine.services.runs import run_app
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.chat.definitions import digest
from tests.pages.looking import look

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("SEC-07")]


def test_an_operator_signs_in_chooses_a_tenant_and_pauses_an_app(
    page: Page, make_person, owner_connection, tenant, principal
):
    person = make_person(tenant, "member")
    owner_connection.execute("INSERT INTO tenancy_operator (user_id, created_at) VALUES (%s, now())", [person.pk])
    with tenant_scope(tenant.pk):
        app = create_app(principal, digest())
        run = run_app(principal, app.pk)
    page.goto("/operators/")
    look(page, "operators-sign-in", contrasts=False)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(person.raw_password)
    page.keyboard.press("Enter")
    page.get_by_label("Name or short name").fill(tenant.slug)
    page.keyboard.press("Enter")
    page.wait_for_url("**/operators/?q=*")
    mine = page.get_by_role("listitem").filter(has=page.get_by_text(tenant.slug, exact=True))
    mine.get_by_role("button", name=f"Look at {tenant.name}").click()
    page.wait_for_url("**/operators/")
    expect(page.get_by_role("heading", name=f"You look at {tenant.name} ({tenant.slug})")).to_be_visible()
    look(page, "operators-index", contrasts=False)
    page.goto("/operators/engine/app/")
    look(page, "operators-apps", contrasts=False)
    page.locator("input[name=_selected_action]").first.check()
    page.locator("select[name=action]").select_option("pause")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Paused: 1")).to_be_visible(timeout=30_000)
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=app.pk).status == "paused"
    page.goto(f"/operators/engine/execution/{run.pk}/change/")
    look(page, "operators-run", contrasts=False)
    bury("somebody's own text", "not_json", "It is no JSON.")
    page.goto("/operators/engine/deadletter/")
    expect(page.get_by_text("somebody's own text").first).to_be_visible()
    look(page, "operators-letters", contrasts=False)
