"""What a sentence says of a ready-made app's parameters (CHT-01, APP-09)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.starters import STARTERS
from chat.composer.filling import parameters_in
from chat.composer.ground import Ground, Room
from chat.composer.words import even

pytestmark = [pytest.mark.requirement("CHT-01"), pytest.mark.requirement("APP-09")]
GROUND = Ground("Acme", "UTC", (Room(4, "General"), Room(9, "Shop news")), ())


@pytest.mark.parametrize(
    ("starter", "sentence", "given"),
    [
        ("weekly-digest", "ten best posts, fridays 5pm", {"posts": 10, "weekday": "FRI", "hour": 17}),
        ("weekly-digest", 'with the subject "What you missed"', {"subject": "What you missed"}),
        ("abandoned-cart-recovery", "carts over 30, after 24 hours", {"minimum": 30, "hours": 24}),
        ("weekly-leaderboard-rewards", "XP: 100, 50 and 25", {"first": 100, "second": 50, "third": 25}),
        ("review-requests", "two weeks after, at https://shop.example/r.", {"days": 14, "link": "https://shop.example/r"}),
        ("product-announcements", "in Shop news", {"room": 9}),
        ("low-quality-post-detector", "under 20 characters, and hide them", {"shortest": 20, "hide": True}),
        ("morning-email-scanner", "at 6 each morning", {"hour": 6}),
        ("trip-planner", "in a formal tone", {"tone": "formal"}),
    ],
)  # fmt: skip
def test_numbers_times_texts_and_rooms_go_where_they_belong(starter, sentence, given: dict[str, Any]):
    assert parameters_in(STARTERS[starter], even(sentence), GROUND) == given


def test_a_number_beyond_the_bounds_of_every_parameter_is_left():
    assert "hours" not in parameters_in(STARTERS["abandoned-cart-recovery"], "after 900 hours", GROUND)


@pytest.mark.parametrize("starter", STARTERS.values(), ids=STARTERS)
def test_a_sentence_about_nothing_fills_nothing(starter):
    assert parameters_in(starter, "please make one for us", GROUND) == {}
