"""Inviting somebody and joining, and deciding what waits, in a browser (SEC-04, CHT-03)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from chat.model.port import ToolCall
from chat.models import Message
from chat.turns.record import begin_answer, open_conversation
from decommerce.community.models import OutboundMessage
from decommerce.community.services.invitation_mail import body_of
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.chat.definitions import digest
from tests.chat.proposals import proposed
from tests.pages.browsing import sign_in
from tests.pages.looking import look

pytestmark = pytest.mark.usefixtures("watch")


@pytest.mark.requirement("SEC-04")
def test_somebody_is_invited_with_the_keyboard_and_joins_by_the_link(page: Page, admin_user, tenant):
    sign_in(page, admin_user, "/team/")
    page.get_by_label("E-mail address").fill(f"new@{tenant.slug}.example")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/team/?done=invited")
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Take back: the invitation of new@{tenant.slug}.example")).to_be_visible()
    look(page, "team")
    page.context.clear_cookies()
    with tenant_scope(tenant.pk):
        body = body_of(OutboundMessage.objects.get())
    page.goto(re.search(r"/invitation/\S+/", body)[0])
    look(page, "join")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("A new password").fill("a long enough secret")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?done=joined")
    expect(page.get_by_text("Welcome to the team.")).to_be_visible()


@pytest.mark.requirement("CHT-03")
def test_a_proposal_is_found_from_home_and_rejected_with_a_reason(page: Page, admin_user, tenant):
    person = principal_of(admin_user, tenant.pk)
    with tenant_scope(tenant.pk):
        answer = begin_answer(open_conversation(person, "A digest, please").pk)
        call = proposed(person, answer, ToolCall("1", "create_app", {"definition": digest("Friday digest")}))
        Message.objects.filter(pk=answer.pk).update(state="complete")
    sign_in(page, admin_user, "/home/")
    page.get_by_role("link", name="Decide about them").click()
    page.wait_for_url("**/approvals/")
    expect(page.get_by_role("heading", name="Changes that were proposed to you")).to_be_visible()
    look(page, "approvals")
    page.locator(".call summary", has_text="Reject").click()
    page.get_by_label("What should be different?").fill("Mondays, please")
    page.get_by_role("button", name="Reject it").click()
    page.wait_for_url(f"**/chat/{call.message.conversation_id}/")
    expect(page.get_by_text("You said: “Mondays, please”")).to_be_visible()
    page.goto("/approvals/")
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    look(page, "approvals-empty")
