"""Conditions and formulas in words (LNG-09)."""

from __future__ import annotations

import pytest

from apps_engine.language.durations import duration_words
from apps_engine.language.report.conditions import condition_words, formula_words


@pytest.mark.requirement("LNG-09")
@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("best | length > 0", "“best” is not empty"),
        ("{{ written | length == 0 }}", "“written” is empty"),
        ("(lately | default: [] | length) >= 5", "the number of “lately” is at least 5"),
        ("trigger.post.body_length < 40", "the post's text is shorter than 40 characters"),
        ("(judgement.score | default: 1) < 0.35", "the judgement's score is less than 0.35"),
        ("one.posts_total % 10 == 0", "the one's posts total is a multiple of 10"),
        ("trigger.post.body contains 'www.' or x == ''", "the post's text contains “www.” or “x” is empty"),
        ("not (a > 1)", "not (“a” is more than 1)"),
        ("(a > 1 and b is_a 2)", "`(a > 1 and b is_a 2)`"),
        ("state.month == now | date: '%Y'", "`state.month == now | date: '%Y'`"),
    ],
)
def test_a_condition_is_told_in_words_or_as_it_was_written(condition, words):
    assert condition_words(condition) == words


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("inputs.total * (1 + inputs.tip / 100)", "the input total times (1 plus the input tip divided by 100)"),
        ("team | pluck: 'id'", "the id of each of “team”"),
        (12, "12"),
    ],
)
def test_a_formula_is_told_in_words(formula, words):
    assert formula_words(formula) == words


@pytest.mark.parametrize(
    ("text", "words"), [("7d", "7 days"), ("1h", "1 hour"), ("2 weeks", "2 weeks"), ("soon", "soon")]
)
def test_a_duration_is_told_as_people_say_it(text, words):
    assert duration_words(text) == words
