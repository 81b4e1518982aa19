"""One value in the order of another."""

from __future__ import annotations

import json

import pytest

from apps_engine.language.key_order import in_order_of


@pytest.mark.parametrize(
    ("value", "pattern", "wanted"),
    [
        ({"a": 1, "bb": 2}, {"bb": 0, "a": 0}, '{"bb": 2, "a": 1}'),
        ({"a": 1, "new": 3, "bb": 2}, {"bb": 0, "gone": 0, "a": 0}, '{"bb": 2, "a": 1, "new": 3}'),
        ([{"a": 1, "b": 2}, {"a": 1, "b": 2}], [{"b": 0, "a": 0}], '[{"b": 2, "a": 1}, {"a": 1, "b": 2}]'),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 0, "x": 0}}, '{"a": {"y": 2, "x": 1}}'),
        ({"a": 1}, None, '{"a": 1}'),
        ({"a": {"x": 1}}, {"a": [1]}, '{"a": {"x": 1}}'),
        (3, {"a": 1}, "3"),
    ],
)
def test_keys_come_in_the_order_of_the_pattern_and_nothing_is_lost(value, pattern, wanted):
    assert json.dumps(in_order_of(value, pattern)) == wanted
