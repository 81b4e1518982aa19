"""Settling a call by hand with its answer: with the keyboard, on a phone, while the run goes on (RUN-05)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.chat.definitions import digest
from tests.pages.browsing import Watch, sign_in
from tests.pages.looking import look

pytestmark = pytest.mark.requirement("RUN-05")


@pytest.fixture
def doubt(tenant, admin_user) -> Effect:
    """A call of a run that is at work, of which nobody knows."""
    person = principal_of(admin_user, tenant.pk)
    with tenant_scope(tenant.pk):
        run = run_app(person, create_app(person, digest()).pk)
        Execution.objects.filter(pk=run.pk).update(state="running", attempt=1)
        call = {"path": "main/call", "action": "webhook", "state": Effect.State.UNKNOWN, "idem_key": "k1", "fence": 1}
        return Effect.objects.create(execution=run, **call)


def test_the_answer_of_a_call_is_written_while_its_run_goes_on(page: Page, admin_user, doubt, tenant, watch: Watch):
    sign_in(page, admin_user, f"/runs/{doubt.execution_id}/")
    page.get_by_text("What did it answer?").focus()
    page.keyboard.press("Enter")
    answer = page.get_by_label("Its answer, for the steps after it")
    expect(answer).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type('{"id": 1')
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=doubt.execution_id).update(state="failed")
    expect(page.get_by_role("button", name="Retry from here")).to_be_visible()
    expect(answer).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="It arrived")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The JSON is broken at line 1, column 10")).to_be_visible()
    expect(answer).to_have_value('{"id": 17')
    look(page, "settling")
    assert {fault.partition(":")[0] for fault in watch.faults} == {"422", "console"}
    watch.faults.clear()
    answer.press("End")
    page.keyboard.type("}")
    page.get_by_role("button", name="It arrived").click()
    expect(page.get_by_text("Noted.")).to_be_visible()
    with tenant_scope(tenant.pk):
        settled = Effect.objects.get(pk=doubt.pk)
    assert (settled.state, settled.response) == ("done", {"id": 17})
