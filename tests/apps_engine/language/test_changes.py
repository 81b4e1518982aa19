"""What is different between two definitions, step by step (APP-06)."""

from __future__ import annotations

from typing import Any

from apps_engine.language.changes import changes


def steps(*found: dict[str, Any]) -> dict[str, Any]:
    return {"flows": {"main": {"steps": list(found)}}}


A, B, C = ({"id": name, "act": "x", "params": {"title": name}} for name in "abc")


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(" ".join(one.place), one.kind, one.path) for one in changes(before, after)]


def test_a_step_before_the_others_is_one_change():
    assert told(steps(A, B), steps(C, A, B)) == [("main c", "added", "/flows/main/steps/0")]


def test_a_step_that_is_gone_is_one_change():
    assert told(steps(A, B, C), steps(A, C)) == [("main b", "removed", "/flows/main/steps")]


def test_a_value_is_told_by_the_names_around_it():
    assert told(steps(A), steps({**A, "params": {"title": "new"}})) == [
        ("main a title", "changed", "/flows/main/steps/0/params/title")
    ]


def test_another_order_is_said_once():
    (found,) = changes(steps(A, B, C), steps(B, A, C))
    assert (found.place, found.before, found.after) == (("main", "order"), ["a", "b", "c"], ["b", "a", "c"])


def test_a_list_without_ids_is_one_value():
    assert told({"tags": ["x"]}, {"tags": ["x", "y"]}) == [("tags", "changed", "/tags")]
    assert told({"tags": ["x"]}, {"tags": ["x"]}) == []
