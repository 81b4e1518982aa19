"""A ready-made app proposed in the chat: the person sees what it will do before they confirm (APP-09, CHT-03)."""

from __future__ import annotations

import pytest

from apps_engine.services.errors import ParametersRefused
from chat.gate.preview import preview_of
from chat.toolbox import Toolbox

pytestmark = [pytest.mark.requirement("APP-09"), pytest.mark.requirement("CHT-03")]


def test_the_card_shows_the_app_that_the_parameters_make(scope, principal):
    tool = Toolbox(principal).find("create_app_from_starter")
    card = preview_of(principal, tool, {"starter": "weekly-digest", "parameters": {"posts": 3}, "name": "Ours"}, None)
    assert (card["title"], card["verb"]) == ("Create “Ours”", "Create the app")
    lines = [line for fact in card["facts"] for line in fact["lines"]]
    assert any("up to 3 posts" in line for line in lines)


def test_parameters_that_do_not_fit_are_not_even_proposed(scope, principal):
    tool = Toolbox(principal).find("create_app_from_starter")
    with pytest.raises(ParametersRefused, match="posts"):
        preview_of(principal, tool, {"starter": "weekly-digest", "parameters": {"posts": 0}}, None)
