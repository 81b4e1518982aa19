"""Finding a starter in an admin's words."""

from __future__ import annotations

import pytest

from apps_engine.starters import STARTERS, nearest, search

CART = "abandoned-cart-recovery"


def found(words: str) -> list[str]:
    return [starter.slug for starter in search(words)]


@pytest.mark.parametrize(
    "words",
    [
        "cart",
        "carts",
        "CART",
        "abandoned",
        "aband",
        "I would like an app for abandoned carts",
        "abandoned checkout!",
    ],
)
def test_words_endings_and_beginnings_find_it(words):
    assert found(words)[0] == CART


@pytest.mark.parametrize("words", ["", "   ", "an app for our", "?!"])
def test_words_that_say_nothing_find_everything_in_order(words):
    assert found(words) == list(STARTERS)


@pytest.mark.parametrize("words", ["zebra", "zebra giraffe digest"])
def test_words_that_fit_nothing_find_nothing(words):
    assert found(words) == []


def test_where_no_starter_has_all_words_those_with_most_of_them_come():
    assert found("weekly digest zebra")[0] == "weekly-digest"


def test_a_starter_with_all_of_the_words_leaves_out_those_with_some():
    assert "weekly-digest" in found("weekly")
    assert found("weekly leaderboard") == ["weekly-leaderboard-rewards"]


def test_a_name_counts_more_than_a_description():
    assert found("digest")[0] == "weekly-digest"
    assert found("leaderboard")[0] == "weekly-leaderboard-rewards"


def test_what_a_sentence_has_in_common_with_a_starter_is_scored():
    scores = [one.score for one in nearest("Remind people who left a basket at the checkout")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 2 * scores[-1] > 0
    assert nearest("zebra") == []


@pytest.mark.requirement("SEC-03")
def test_a_hostile_search_is_cut():
    assert found("zebra " * 1_000_000 + "digest") == []
