"""What a page did in the browser besides being drawn: complaints, failures, requests to elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page


@dataclass
class Watch:
    """Everything that should not have happened."""

    host: str
    faults: list[str] = field(default_factory=list)

    def on(self, context: BrowserContext) -> Watch:
        """Watch every page of the context, and let no request leave for elsewhere."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        context.on("response", self._response)
        context.route("**/*", self._route)
        return self

    def _console(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _route(self, route) -> None:
        if urlsplit(route.request.url).netloc == self.host:
            route.continue_()
        else:
            self.faults.append(f"elsewhere: {route.request.url}")
            route.abort()


def sign_in(page: Page, person, address: str = "/chat/") -> None:
    """Open a page as somebody who has signed in: with a session, and without the seconds that the form takes."""
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": "/"}])
    page.goto(address)


def wait_for_scripts(page: Page) -> None:
    """Wait until the page listens to keys; Escape on a page that is still loading stops its scripts from coming."""
    page.wait_for_load_state("load")


def sideways(page: Page) -> int:
    """How many pixels the page is wider than its window, with all its styles."""
    page.wait_for_load_state("load")
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
