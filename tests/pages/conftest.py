"""A web process on the test's database, and a browser that may reach nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.pages.browsing import Watch
from tests.web_server import WebServer, web_server

CHROMIUM = Path("/usr/bin/chromium")
# How long a page may take to show what is expected of it, in milliseconds: on a busy machine that is long.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def web(service_environment, database, tmp_path_factory) -> Iterator[WebServer]:
    """A web process with the offline composer."""
    log = tmp_path_factory.mktemp("web") / "web.log"
    with web_server(service_environment, log) as server:
        yield server


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Debian's chromium, which calls home for nothing."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": str(CHROMIUM), "args": arguments}


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """The driver, for the tests of this package only.

    It keeps an event loop running in this thread, in which Django refuses to ask the database: the tests that come
    after must not find it there.
    """
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright, browser_type_launch_args) -> Iterator[Browser]:
    """One browser for the tests of this package."""
    browser = playwright.chromium.launch(**browser_type_launch_args)
    yield browser
    browser.close()


@pytest.fixture
def browser_context_args(web) -> dict:
    """Pages are named by their paths."""
    return {"base_url": web.url, "viewport": {"width": 1280, "height": 860}}


@pytest.fixture
def watch(web, context: BrowserContext) -> Iterator[Watch]:
    """Fails the test for anything that the browser complained about, and for any request to elsewhere."""
    watching = Watch(urlsplit(web.url).netloc).on(context)
    yield watching
    assert watching.faults == []


@pytest.fixture(autouse=True)
def database_beside_the_browser(monkeypatch) -> None:
    """In these tests the driver's event loop is there, and the database is asked all the same."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
