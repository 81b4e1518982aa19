"""The chat in a real browser: by keyboard alone, on a phone, in the dark, with the network cut."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.pages.browsing import sideways, sign_in

pytestmark = pytest.mark.usefixtures("watch")

CONVERSATION = re.compile(r"/chat/\d+/")
SHORT = "Flag posts shorter than 80 characters and tell the moderators"


def say(page: Page, text: str) -> None:
    """Write a message and send it, once the last answer is complete; then the conversation's page is at work."""
    page.wait_for_load_state("load")
    expect(page.get_by_role("button", name="Stop answering")).to_be_hidden()
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url(CONVERSATION)


def press_tab_until(page: Page, name: str) -> None:
    """Reach a control by the keyboard; fails when it cannot be reached."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || '').trim()") == name:
            return
    pytest.fail(f"“{name}” cannot be reached with the Tab key")


@pytest.mark.requirement("CHT-01")
@pytest.mark.requirement("CHT-03")
def test_from_signing_in_to_an_active_app_by_keyboard_alone(page: Page, admin_user, tenant):
    page.goto("/sign-in/")
    page.keyboard.type(admin_user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(admin_user.raw_password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat/")
    page.keyboard.type(SHORT)
    page.keyboard.press("Enter")
    page.wait_for_url(CONVERSATION)
    expect(page.locator("#thread").get_by_text("How urgent is such a flag?")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    press_tab_until(page, "Medium")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Create “Flag short posts”")).to_be_visible()
    for words in ("Runs each time someone writes a post", "Notifications, to moderators.", "5 minutes a run."):
        expect(page.locator(".call")).to_contain_text(words)
    press_tab_until(page, "Create the app")
    page.keyboard.press("Enter")
    expect(page.locator("#thread").get_by_text("is active. From now on it runs by itself")).to_be_visible()
    expect(page.locator(".call .chip")).to_have_text("Confirmed")
    with tenant_scope(tenant.pk):
        assert App.objects.get().name == "Flag short posts"


def test_rejecting_leaves_nothing_behind_and_the_talk_goes_on(page: Page, admin_user, tenant):
    sign_in(page, admin_user)
    say(page, "Award 50 XP to new members")
    page.locator("summary", has_text="Reject").click()
    page.get_by_role("button", name="Reject it").click()
    expect(page.locator("#thread").get_by_text("All right, nothing was changed.")).to_be_visible()
    say(page, "make it 20 XP")
    expect(page.get_by_role("heading", name="Create “Award 20 XP to new members”")).to_be_visible()
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


def test_a_rejection_says_what_should_be_different_and_it_is_proposed_so(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, "Award 50 XP to new members")
    page.locator("summary", has_text="Reject").click()
    page.get_by_label("What should be different?").fill("make it 20 XP")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Create “Award 20 XP to new members”")).to_be_visible()
    expect(page.locator(".call-rejected")).to_contain_text("You said: “make it 20 XP”")


def test_a_conversation_is_renamed_and_found_again(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, "Award 50 XP to new members")
    page.get_by_label("Rename this conversation").click()
    page.get_by_label("Title", exact=True).fill("Newcomers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Newcomers")
    page.get_by_label("Search what was said").fill("newcom")
    page.keyboard.press("Enter")
    expect(page.locator(".talk-title")).to_have_text(["Newcomers"])


def test_a_new_message_takes_an_open_proposal_off_the_table(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, "Award 50 XP to new members")
    expect(page.locator(".call-pending")).to_have_count(1)
    say(page, "hello")
    expect(page.locator(".call .chip")).to_have_text("Set aside")
    expect(page.get_by_role("button", name="Create the app")).to_have_count(0)


def test_the_definition_unfolds_and_stays_unfolded(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, "Award 50 XP to new members")
    page.get_by_text("Show the definition").click()
    expect(page.locator(".call pre")).to_contain_text('"event": "member.joined"')
    page.get_by_role("button", name="Create the app").click()
    expect(page.locator(".call .chip")).to_have_text("Confirmed")
    expect(page.locator(".call pre")).to_be_visible()


@pytest.mark.requirement("CHT-08")
def test_a_reload_shows_the_whole_talk(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, SHORT)
    page.get_by_role("button", name="Low", exact=True).click()
    expect(page.locator(".call-pending")).to_be_visible()
    page.reload()
    expect(page.locator(".message")).to_have_count(4)
    page.get_by_role("button", name="Create the app").click()
    expect(page.locator("#thread").get_by_text("is active.")).to_be_visible()


@pytest.mark.requirement("CHT-02")
def test_a_conversation_is_found_again_and_deleted(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, "Award 50 XP to new members")
    expect(page.locator(".call-pending")).to_be_visible()
    page.get_by_role("link", name="New", exact=True).click()
    page.get_by_role("link", name=re.compile("Award 50 XP")).click()
    page.get_by_label("Delete this conversation").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("The conversation is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Award 50 XP"))).to_have_count(0)


def test_sentences_are_spoken_once_they_are_complete(page: Page, admin_user):
    sign_in(page, admin_user)
    say(page, "hello")
    say(page, "Award 50 XP to new members")
    expect(page.locator("#announcer")).to_contain_text("waiting for you to confirm")


def test_without_script_the_chat_still_works(browser, web, admin_user):
    context = browser.new_context(base_url=web.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, admin_user)
    page.get_by_label("Your message").fill("Award 50 XP to new members")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(CONVERSATION)
    # The page asks for itself again until the answer is complete.
    expect(page.get_by_role("button", name="Create the app")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Create the app").click()
    expect(page.locator("#thread").get_by_text("is active.")).to_be_visible(timeout=15_000)
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_scrolls_sideways(page: Page, admin_user, width):
    page.set_viewport_size({"width": width, "height": 760})
    sign_in(page, admin_user)
    assert sideways(page) <= 0
    say(page, SHORT)
    page.get_by_role("button", name="High, and hide the post").click()
    expect(page.locator(".call-pending")).to_be_visible()
    page.get_by_text("Show the definition").click()
    assert sideways(page) <= 0


def test_the_server_goes_away_and_the_text_is_kept(page: Page, context: BrowserContext, admin_user, watch):
    sign_in(page, admin_user)
    say(page, "hello")
    expect(page.locator(".replies")).to_be_visible()
    page.wait_for_load_state("load")
    context.set_offline(True)
    say(page, "Award 50 XP to new members")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached. Your text is still here")
    context.set_offline(False)
    assert page.get_by_label("Your message").input_value() == "Award 50 XP to new members"
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".call-pending")).to_be_visible()
    # The browser itself notes the failed request; that is the point of this test.
    watch.faults[:] = [fault for fault in watch.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
