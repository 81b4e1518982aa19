"""Finding a starter in an admin's words."""

from __future__ import annotations

import pytest

from apps_engine.starters import STARTERS, Starter, search

DIGEST = STARTERS["weekly-digest"]
CART = DIGEST.model_copy(
    update={
        "slug": "abandoned-cart",
        "name": "Abandoned cart recovery",
        "summary": "Reminds buyers of what they left behind.",
        "description": "One reminder.",
        "synonyms": ("checkout reminder", "lost sales", "basket"),
    }
)
SHELF = (DIGEST, CART)


def found(words: str) -> list[Starter]:
    return [starter.slug for starter in search(SHELF, words)]


@pytest.mark.parametrize(
    "words",
    [
        "cart",
        "carts",
        "CART",
        "abandoned",
        "aband",
        "lost sales",
        "I want to remind people of their basket",
        "checkout!",
    ],
)
def test_words_endings_and_beginnings_find_it(words):
    assert found(words) == ["abandoned-cart"]


@pytest.mark.parametrize("words", ["", "   ", "an app for our", "?!"])
def test_words_that_say_nothing_find_everything_in_order(words):
    assert found(words) == ["weekly-digest", "abandoned-cart"]


def test_words_that_fit_nothing_find_nothing():
    assert found("zebra") == []


def test_where_no_starter_has_all_words_those_with_most_of_them_come():
    assert found("weekly digest zebra") == ["weekly-digest"]


def test_a_name_counts_more_than_a_description():
    described = CART.model_copy(update={"slug": "x", "description": "Not a digest."})
    assert [starter.slug for starter in search((described, DIGEST), "digest")] == ["weekly-digest", "x"]


@pytest.mark.requirement("SEC-03")
def test_a_hostile_search_is_cut():
    assert found("weekly " + "x " * 1_000_000) in ([], ["weekly-digest"])
