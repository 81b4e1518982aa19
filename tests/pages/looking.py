"""Looking at a page as people do: on a phone by day, at a desk by night, and with a screen reader."""

from __future__ import annotations

import os

from playwright.sync_api import Page

from tests.pages.browsing import sideways
from tests.pages.test_pages import AXE, CONTRASTS, SERIOUS


def look(page: Page, name: str, *, contrasts: bool = True) -> None:
    """Nothing goes sideways, every text can be read, and axe finds nothing serious. The page is loaded anew.

    With SHOTS, a folder, in the environment there are pictures of it.
    """
    for scheme, width in (("light", 360), ("dark", 1280)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()
        assert sideways(page) == 0
        if contrasts:
            assert page.evaluate(CONTRASTS) == []
        if "SHOTS" in os.environ:
            page.screenshot(path=f"{os.environ['SHOTS']}/{name}-{scheme}.png", full_page=True)
    page.evaluate(AXE.read_text())
    assert page.evaluate(SERIOUS) == []
