"""Writing a definition in the browser: completion, live problems, what changes, saving, going back (APP-06)."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.chat.definitions import digest
from tests.pages.browsing import sideways, sign_in

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("APP-06")]

# Puts the caret behind the first text of that kind.
CARET = """(wanted) => {
  const text = document.getElementById("text");
  const at = text.value.indexOf(wanted) + wanted.length;
  text.focus();
  text.setSelectionRange(at, at);
}"""


@pytest.fixture
def editor(page: Page, admin_user, tenant) -> Page:
    """The editor of an app."""
    with tenant_scope(tenant.pk):
        app = create_app(principal_of(admin_user, tenant.pk), digest())
    sign_in(page, admin_user, f"/apps/{app.pk}/")
    page.get_by_role("link", name="Edit").click()
    # The script is at work once the lines have numbers.
    expect(page.locator(".editor-lines")).to_contain_text("10")
    return page


def shoot(page: Page, name: str) -> None:
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def test_a_definition_is_changed_with_the_keyboard_seen_saved_and_taken_back(editor):
    told = editor.locator("#told")
    editor.evaluate(CARET, '"title": "')
    editor.keyboard.type("All ")
    expect(told).to_contain_text("1 place changed")
    expect(told.locator("li.new")).to_contain_text("“All Members”")
    editor.keyboard.type('"')
    expect(told).to_contain_text("1 error to correct")
    shoot(editor, "editor-error")
    editor.keyboard.press("Escape")
    editor.keyboard.press("Backspace")
    expect(told).to_contain_text("It can be saved")
    shoot(editor, "editor")
    editor.get_by_role("button", name="Save as version 2").click()
    expect(editor.get_by_text("The new version is saved.")).to_be_visible()
    editor.get_by_role("link", name="Version 1").click()
    expect(editor.get_by_text("Going back to it")).to_be_visible()
    shoot(editor, "version")
    editor.get_by_role("button", name="Go back to version 1").click()
    expect(editor.get_by_text("The earlier definition is the newest version again.")).to_be_visible()
    expect(editor.get_by_role("link", name="Version 3")).to_be_visible()


def test_names_of_the_scope_are_offered_as_soon_as_a_placeholder_opens(editor):
    options = editor.get_by_role("listbox")
    editor.evaluate(CARET, '"title": "')
    editor.keyboard.type("{{ ten")
    expect(options.get_by_role("option")).to_have_text([re.compile("^tenant")])
    editor.keyboard.press("Enter")
    editor.keyboard.type(".na")
    expect(options.get_by_role("option").first).to_contain_text("name")
    shoot(editor, "editor-names")
    editor.keyboard.press("Enter")
    editor.keyboard.type(" | upp")
    expect(options.get_by_role("option")).to_have_text([re.compile("^uppercase")])
    editor.keyboard.press("Enter")
    editor.keyboard.type(" }} ")
    assert '"title": "{{ tenant.name | uppercase }} Members"' in editor.locator("#text").input_value()
    expect(editor.locator("#told")).to_contain_text("It can be saved")


def test_what_may_be_written_is_offered_and_taken_by_keyboard(editor):
    editor.evaluate(CARET, '"act": "send_')
    editor.keyboard.press("Control+Space")
    options = editor.get_by_role("listbox")
    expect(options.get_by_role("option").first).to_contain_text("send_")
    editor.keyboard.type("e")
    expect(options.get_by_role("option")).to_have_count(1)
    shoot(editor, "editor-options")
    editor.keyboard.press("Enter")
    assert '"act": "send_email",' in editor.locator("#text").input_value()
    expect(options).to_be_hidden()
    expect(editor.locator("#text")).to_have_attribute("aria-invalid", "true")
    editor.locator("#told .line-link").first.click()
    expect(editor.locator("#text")).to_be_focused()


def test_it_fits_on_a_phone_and_the_keyboard_leaves_the_text(editor):
    editor.set_viewport_size({"width": 360, "height": 740})
    assert sideways(editor) == 0
    editor.locator("#text").focus()
    editor.keyboard.press("Escape")
    editor.keyboard.press("Tab")
    expect(editor.get_by_role("button", name="Save as version 2")).to_be_focused()
    shoot(editor, "editor-narrow")
