"""What a phone has less room for: every page is reached all the same, and no text is cut off (CHT-10)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.apps_engine.services.definitions import definition
from tests.pages.browsing import sign_in, wait_for_scripts
from tests.pages.looking import look

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("CHT-10")]

PHONE = {"width": 360, "height": 740}
LONG = "Somebodyhaswrittenawordthatisverylongindeed and goes on until nobody remembers how it began"
TELL = {"act": "send_notification", "params": {"to": "team", "title": LONG}}
# Texts of the picture that are wider than their box, or lie outside of it.
CUT = """() => [...document.querySelectorAll(".flow p")].filter((text) => {
  const [inner, outer] = [text.getBoundingClientRect(), text.closest(".flow-box").getBoundingClientRect()];
  return text.scrollWidth > text.clientWidth || inner.right > outer.right || inner.bottom > outer.bottom;
}).map((text) => text.textContent)"""


def test_every_page_is_reached_with_the_keyboard_from_the_bar_below(page: Page, admin_user):
    page.set_viewport_size(PHONE)
    for name in ("Approvals", "Ready-made apps", "Runs", "Events"):
        sign_in(page, admin_user, "/home/")
        wait_for_scripts(page)
        bar = page.get_by_role("navigation", name="Main")
        expect(bar.get_by_role("link", name=name)).to_be_hidden()
        bar.locator("summary").focus()
        page.keyboard.press("Enter")
        bar.get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(bar.locator("[aria-current]:visible")).to_have_count(0)
        bar.locator("summary").click()
        expect(bar.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        page.keyboard.press("Escape")
        expect(bar.get_by_role("link", name=name)).to_be_hidden()


def test_a_desk_has_room_for_all_of_them(page: Page, admin_user):
    sign_in(page, admin_user, "/home/")
    bar = page.get_by_role("navigation", name="Main")
    expect(bar.locator("summary")).to_be_hidden()
    for name in ("Home", "Approvals", "Chat", "Apps", "Ready-made apps", "Runs", "Events", "Notifications"):
        expect(bar.get_by_role("link", name=name, exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_text_of_an_apps_picture_is_cut_off(page: Page, admin_user, tenant, width):
    way = {"branch": [{"when": f"trigger.post.title == '{LONG}'", "steps": [TELL]}, {"steps": [TELL]}]}
    loop = {"each": [1, 2], "as": "number", "steps": [way]}
    event = {"id": "posted", "type": "event", "event": "post.created", "flow": "main"}
    trigger = {**event, "filter": {"post.title": {"eq": LONG}, "author.role": "member"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal_of(admin_user, tenant.pk), definition([TELL, loop, TELL], triggers=[trigger]))
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, admin_user, f"/apps/{app.pk}/")
    expect(page.locator(".flow").get_by_text(LONG).first).to_be_visible()
    assert page.evaluate(CUT) == []
    look(page, "picture")


def test_a_role_is_changed_by_a_button_in_one_line(page: Page, admin_user, make_person, tenant):
    make_person(tenant, "moderator")
    page.set_viewport_size(PHONE)
    sign_in(page, admin_user, "/team/")
    box = page.get_by_role("button", name="Change the role of").bounding_box()
    assert box["width"] > box["height"]
