"""Every page in a real browser: no complaint, nothing from elsewhere, wide and narrow, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import EventInbox
from decommerce.community.models import Member, Notification
from decommerce.community.services.posts import create_post
from decommerce.outgoing.allowlist import allow_domain
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.middleware import principal_of
from tests.chat.definitions import digest
from tests.pages.browsing import sideways, sign_in

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("CHT-10")]

# Relative luminance and contrast as WCAG 2.2 defines them, for every text on the page.
CONTRASTS = """() => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const ground = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!own || box.width < 2 || box.height < 2) continue;
    const style = getComputedStyle(element);
    if (style.opacity === "0" || element.closest("svg, .skip, :disabled")) continue;
    const [a, b] = [light(parse(style.color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
  }
  return poor;
}"""


# Colours that are on their way to others arrive at once.
SETTLED = "document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"
# axe-core 4.14.1 (MPL-2.0), the one file of its npm package.
AXE = Path(__file__).parent / "axe.min.js"
# Its findings that are serious or critical; contrast is measured apart, in both schemes.
SERIOUS = """async () => {
  const rules = { "color-contrast": { enabled: false } };
  const found = await axe.run(document, { resultTypes: ["violations"], rules });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" ")}`);
}"""


@pytest.fixture
def things(tenant, admin_user) -> dict[str, int]:
    """Something for each page, by what it is."""
    person = principal_of(admin_user, tenant.pk)
    with tenant_scope(tenant.pk):
        author = Member.objects.get(membership__user=admin_user)
        app = create_app(person, digest())
        run = run_app(person, app.pk)
        post = create_post(author_id=author.pk, title="Boots?", body="Which ones do you trust on wet roots?")
        Notification.objects.create(member=author, title="A post was flagged", body="Have a look.", link="/apps/")
        event = EventInbox.objects.create(
            event_id="1", source="community", dedupe_key="1", type="post.created", time=timezone.now(), data={}
        )
        create_key(person, "Deploys", ["apps:read"])
        allow_domain(person, "hooks.example.com")
    return {"app": app.pk, "run": run.pk, "event": event.pk, "post": post.pk}


@pytest.fixture
def addresses(things) -> list[str]:
    """Every page, with something on each."""
    app, run, event, post = (things[name] for name in ("app", "run", "event", "post"))
    return [
        "/chat/",
        "/apps/",
        f"/apps/{app}/",
        f"/runs/{run}/",
        f"/apps/{app}/run/",
        f"/apps/{app}/backtest/",
        f"/apps/{app}/shadow/",
        f"/apps/{app}/edit/",
        f"/apps/{app}/versions/1/",
        "/home/",
        "/approvals/",
        "/runs/",
        "/events/",
        f"/events/{event}/",
        "/team/",
        "/keys/",
        "/domains/",
        "/mail/",
        "/audit/",
        "/notifications/preferences/",
        "/starters/",
        "/starters/?search=zebra",
        "/starters/weekly-digest/",
        "/usage/",
        "/accounts/",
        "/notifications/",
        "/community/write/",
        f"/community/posts/{post}/",
    ]


def faults_of(page: Page) -> list[tuple[str, object]]:
    """What is wrong with the page that is open, as everybody meets it: read aloud, by day and by night, on a phone."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    page.evaluate(AXE.read_text())
    faults: list[tuple[str, object]] = [("a screen reader", found) for found in page.evaluate(SERIOUS)]
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLED)
        faults += [(scheme, found) for found in page.evaluate(CONTRASTS)]
    for width in (800, 390, 360, 320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        faults += [("too wide by", (width, sideways(page)))] if sideways(page) else []
    return faults


def test_every_page_can_be_read_and_heard_in_every_light_and_width(page: Page, admin_user, addresses):
    page.goto("/sign-in/")
    assert faults_of(page) == []
    sign_in(page, admin_user)
    for address in addresses:
        page.goto(address)
        assert (address, faults_of(page)) == (address, [])


def test_dark_is_dark(page: Page):
    page.emulate_media(color_scheme="dark")
    page.goto("/sign-in/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 20, 22)"


def test_the_first_tab_skips_to_the_content(page: Page, admin_user):
    sign_in(page, admin_user, "/apps/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_menu_closes_with_escape_and_gives_the_focus_back(page: Page, admin_user):
    sign_in(page, admin_user)
    page.locator(".account > summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_deleting_an_app_takes_two_presses(page: Page, admin_user, addresses):
    sign_in(page, admin_user, addresses[2])
    page.get_by_text("Delete…").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("The app is deleted.")).to_be_visible()


def test_a_run_page_follows_the_run_until_it_is_over(page: Page, admin_user, addresses):
    sign_in(page, admin_user)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(addresses[3])
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    page.get_by_text("Started by hand").click()
    # Another window cancels it; this one notices by itself and keeps what is unfolded.
    other = page.context.new_page()
    other.goto(addresses[3])
    other.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible(timeout=15_000)
    expect(page.locator("details[data-key=trigger]")).to_have_attribute("open", re.compile(".*"))
    # It was told by the stream, and never had to ask again.
    assert [url for url in asked if url.endswith("/now/")] == []


def test_times_show_their_exact_form_on_hover(page: Page, admin_user, addresses):
    sign_in(page, admin_user, addresses[2])
    expect(page.locator("time").first).to_have_attribute(
        "title", re.compile(r"\w+ \d+ \w+ \d{4}, \d\d:\d\d:\d\d \(UTC\)")
    )


def test_the_notifications_are_counted_in_the_navigation(page: Page, admin_user, addresses):
    sign_in(page, admin_user, "/notifications/")
    expect(page.get_by_role("navigation", name="Main").get_by_text("1 unread")).to_have_count(1)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("Everything is marked as read.")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_text("1 unread")).to_have_count(0)
