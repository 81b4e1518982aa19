"""Notifications on a device, in a real browser: the button, the worker of the page, what it shows.

The browser's own push service is outside; in its place `subscribe` hands out the endpoint of a push service of the
test, with keys of the test's own, and the browser's debugger delivers what arrived there.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from decommerce.push.models import PushSubscription
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.push.browser import Browser
from tests.pages.browsing import sideways, sign_in
from tests.waiting import is_within, until

pytestmark = pytest.mark.requirement("ACT-01")

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abcdefghijklmnop"
PUSH_SERVICE = """
(() => {
  const subscription = (key) => ({
    endpoint: %(endpoint)s,
    options: { applicationServerKey: key },
    toJSON: () => ({ endpoint: %(endpoint)s, keys: %(keys)s }),
    unsubscribe: async () => { localStorage.removeItem("push"); return true; },
  });
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  PushManager.prototype.subscribe = async function ({ applicationServerKey }) {
    localStorage.setItem("push", applicationServerKey);
    return subscription(bytes(applicationServerKey));
  };
  PushManager.prototype.getSubscription = async function () {
    const key = localStorage.getItem("push");
    return key ? subscription(bytes(key)) : null;
  };
})();
"""
LOST_SECONDS = 5.0
# What is delivered before that is lost.
ACTIVE = "navigator.serviceWorker.getRegistrations().then((all) => all[0]?.active?.state === 'activated')"
SHOWN = """
async () => {
  const [registration] = await navigator.serviceWorker.getRegistrations();
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, data }) => ({ title, body, tag, link: data.link }));
}
"""


@pytest.fixture
def device(context: BrowserContext, web, watch) -> Page:
    """A page of a browser that allows notifications and has a push service."""
    context.grant_permissions(["notifications"], origin=web.url)
    script = PUSH_SERVICE % {"endpoint": json.dumps(ENDPOINT), "keys": json.dumps(Browser().keys())}
    context.add_init_script(script)
    return context.new_page()


def push(page: Page, web, payload: dict[str, str]) -> None:
    """Deliver a payload to the page's worker, as the browser does when its push service wakes it, until it is shown.

    A browser that is still setting the worker up loses what is delivered; a push service repeats it.
    """
    session = page.context.new_cdp_session(page)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(
            found["registrationId"]
            for found in event["registrations"]
            if found["scopeURL"].startswith(web.url) and not found["isDeleted"]
        ),
    )
    session.send("ServiceWorker.enable")
    # Asking the page anything also lets in what the debugger tells.
    until(lambda: page.evaluate(ACTIVE) and registrations, "the browser names the page's worker")

    def delivered() -> bool:
        message = {"origin": web.url, "registrationId": registrations[-1], "data": json.dumps(payload)}
        session.send("ServiceWorker.deliverPushMessage", message)
        return is_within(LOST_SECONDS, lambda: [shown["body"] for shown in page.evaluate(SHOWN)] == [payload["body"]])

    until(delivered, f"the notification {payload['body']!r} is shown alone", 6 * LOST_SECONDS)


def devices(tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return [device.endpoint for device in PushSubscription.objects.all()]


def test_a_person_turns_the_device_on_is_told_and_turns_it_off(device: Page, web, tenant, admin_user):
    sign_in(device, admin_user, "/notifications/")
    card = device.get_by_role("region", name="On this device")
    expect(card.get_by_role("status")).to_have_text("Off. Turn it on to be told here, even while this page is closed.")
    card.get_by_role("button", name="Turn on").click()
    expect(card.get_by_role("button", name="Turn off")).to_be_visible()
    assert devices(tenant) == [ENDPOINT]

    push(device, web, {"title": "<b>Hello</b>", "body": "A post for you", "link": "/chat/", "tag": "once"})
    push(device, web, {"title": "Hello", "body": "The same, repeated", "link": "/chat/", "tag": "once"})
    replaced = [{"title": "Hello", "body": "The same, repeated", "tag": "once", "link": "/chat/"}]
    assert device.evaluate(SHOWN) == replaced, "the second takes the place of the first"

    device.reload()
    expect(card.get_by_role("status")).to_contain_text("On.")
    card.get_by_role("button", name="Turn off").click()
    expect(card.get_by_role("button", name="Turn on")).to_be_visible()
    assert devices(tenant) == []


def test_a_device_that_blocks_notifications_says_where_to_allow_them(device: Page, admin_user):
    device.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    sign_in(device, admin_user, "/notifications/")
    card = device.get_by_role("region", name="On this device")
    expect(card.get_by_role("status")).to_contain_text("Allow notifications for this site")
    expect(card.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_card_fits(device: Page, admin_user, width):
    device.set_viewport_size({"width": width, "height": 800})
    sign_in(device, admin_user, "/notifications/")
    expect(device.get_by_role("button", name="Turn on")).to_be_visible()
    assert sideways(device) == 0
