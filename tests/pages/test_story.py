"""The whole story, on real processes and in a real browser: from a sentence in the chat to a flagged post.

Web, event consumer and worker run as processes of their own; nothing here calls the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.scenarios.processes import Processes
from tests.web_server import WebServer

SENTENCE = "Flag posts shorter than 80 characters and tell the moderators"
PATIENCE = 20_000  # milliseconds


@pytest.fixture(scope="module")
def running(service_environment, database, tmp_path_factory) -> Iterator[None]:
    """The event consumer and a worker beside the web process."""
    processes = Processes(service_environment, tmp_path_factory.mktemp("processes"))
    processes.environment["DJANGO_SETTINGS_MODULE"] = "decommerce.settings"
    try:
        processes.consumer()
        processes.worker()
        yield
    finally:
        processes.close()


def sign_in(page: Page, web: WebServer, person) -> None:
    """Sign in as a person would."""
    page.goto(f"{web.url}/sign-in/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.raw_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def describe_and_confirm(page: Page, web: WebServer) -> None:
    """Say what should happen, answer what is asked, look at the preview and confirm it."""
    page.goto(f"{web.url}/chat/")
    expect(page.get_by_text("Offline composer — no AI model is connected")).to_be_visible()
    page.get_by_label("Your message").fill(SENTENCE)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("form", name="Quick replies").get_by_role("button").first.click(timeout=PATIENCE)
    card = page.locator(".call").last
    expect(card.get_by_text("Waiting for you")).to_be_visible(timeout=PATIENCE)
    expect(card).to_contain_text("someone writes a post")
    expect(card).to_contain_text("80 characters")
    expect(card).to_contain_text("moderators")
    card.locator("form[action*='/confirm/'] button").click()
    expect(page.get_by_text("Confirmed").last).to_be_visible(timeout=PATIENCE)


def write_short_post(page: Page, web: WebServer) -> None:
    """Write a post that is too short, and wait until the page itself shows the flag."""
    page.goto(f"{web.url}/community/write/")
    page.get_by_label("Title").fill("Hm")
    page.get_by_label("Text").fill("Way too short.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".flag")).to_be_visible(timeout=PATIENCE)


@pytest.mark.requirement("CHT-01", "CHT-09", "TRG-02", "ACT-01", "RUN-08")
def test_a_sentence_in_the_chat_becomes_an_app_that_flags_a_post_and_tells_the_moderators(
    browser: Browser, web, running, tenant, other_tenant, make_person
):
    admin, moderator, stranger = (
        make_person(tenant, "owner"),
        make_person(tenant, "moderator"),
        make_person(other_tenant, "owner"),
    )
    page = browser.new_page()
    sign_in(page, web, admin)
    describe_and_confirm(page, web)

    page.goto(f"{web.url}/apps/")
    app_link = page.get_by_role("main").get_by_role("link").filter(has_text="post").first
    expect(app_link).to_be_visible()
    write_short_post(page, web)

    page.goto(f"{web.url}/apps/")
    app_link.click()
    expect(page.get_by_role("main")).to_contain_text("someone writes a post")
    page.get_by_role("main").locator("a[href*='/runs/']").first.click()
    expect(page.get_by_role("main")).to_contain_text("flag", timeout=PATIENCE)
    expect(page.get_by_role("main")).to_contain_text("Way too short", timeout=PATIENCE)

    told = browser.new_page()
    sign_in(told, web, moderator)
    told.goto(f"{web.url}/notifications/")
    expect(told.get_by_role("main")).to_contain_text("post", timeout=PATIENCE)
    with tenant_scope(tenant.pk):
        assert Notification.objects.filter(member__membership__user=moderator).count() == 1

    outside = browser.new_page()
    sign_in(outside, web, stranger)
    outside.goto(f"{web.url}/apps/")
    expect(outside.get_by_role("main")).not_to_contain_text("Flag")
    with tenant_scope(other_tenant.pk):
        assert not Notification.objects.exists()
