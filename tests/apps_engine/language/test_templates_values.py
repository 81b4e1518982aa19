"""Whole JSON trees whose texts are templates (LNG-01)."""

from decimal import Decimal

import pytest

from apps_engine.language.templates import compile_value

pytestmark = pytest.mark.requirement("LNG-01")

SCOPE = {"members": [{"email": "ada@acme.com", "xp": 30}]}


def test_a_json_tree_renders_every_text_in_it_and_keeps_the_rest():
    tree = {"to": "{{ members[0].email }}", "n": 3, "deep": [{"xs": "{{ members[0].xp }}"}, None, True, "plain"]}
    template = compile_value(tree)
    assert template(SCOPE) == {"to": "ada@acme.com", "n": 3, "deep": [{"xs": 30}, None, True, "plain"]}
    assert [reference.path for reference in template.references] == [(0, "email"), (0, "xp")]


def test_a_json_tree_is_made_anew_each_time():
    template = compile_value({"xs": [1, {"y": "plain"}]})
    first, second = template({}), template({})
    first["xs"].append("changed")
    assert second == template({}) == {"xs": [1, {"y": "plain"}]}
    assert template.constant


def test_numbers_in_a_json_tree_never_become_floats():
    assert compile_value({"rate": 0.1})({}) == {"rate": Decimal("0.1")}


def test_keys_of_a_json_tree_are_no_templates():
    assert compile_value({"{{ a }}": "{{ a }}"})({"a": 1}) == {"{{ a }}": 1}


def test_templates_inside_one_tree_keep_their_places():
    tree = [["{{ a }}", "{{ 1 + 1 }}"], {"x": "{{ b }}", "y": "-{{ a }}", "z": "{{ '{{' }}"}]
    assert compile_value(tree)({"a": 1, "b": [2]}) == [[1, 2], {"x": [2], "y": "-1", "z": "{{"}]


def test_a_lone_text_is_a_tree_too():
    assert compile_value("{{ members }}")(SCOPE) is SCOPE["members"]
    assert compile_value("plain")({}) == "plain"
