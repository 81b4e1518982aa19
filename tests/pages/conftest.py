"""A web process on the test's database, and a browser that may reach nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from tests.pages.browsing import Watch
from tests.web_server import WebServer, web_server

CHROMIUM = Path("/usr/bin/chromium")


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
    """The browser's driver keeps an event loop in this thread, in which Django would refuse to ask the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
