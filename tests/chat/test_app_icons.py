"""Apps are drawn with icons of our own, not with the emoji of their authors."""

from __future__ import annotations

import re

import pytest

from apps_engine.starters import STARTERS
from chat.app_icons import PLAIN, drawing_of
from chat.composer.texts import ICONS as COMPOSED
from chat.composer.texts import TONE_ICONS
from chat.icons import ICONS

EMOJI = re.compile("[\u2300-\u23ff\u2600-\u27bf\U0001f300-\U0001faff]")


@pytest.mark.parametrize("emoji", [*(one.icon for one in STARTERS.values()), *COMPOSED.values(), *TONE_ICONS.values()])
def test_what_we_call_an_app_by_has_its_own_drawing(emoji):
    assert drawing_of(emoji) != ICONS[PLAIN]


@pytest.mark.parametrize("emoji", ["", "🦖", "xy", "\ufe0f"])
def test_any_other_is_drawn_all_the_same(emoji):
    assert drawing_of(emoji) == ICONS[PLAIN]


def test_no_page_shows_an_emoji(admin, make_app):
    app_id = make_app(icon="📨")
    for address in ("/apps/", f"/apps/{app_id}/", f"/apps/{app_id}/run/", "/starters/", "/starters/weekly-digest/"):
        # What the definition says is shown as it stands, folded.
        html = re.sub(r"<pre.*?</pre>", "", admin.get(address).content.decode(), flags=re.DOTALL)
        assert EMOJI.findall(html) == [], address
