"""What compile finds out about a loop and about state, so that the runtime need not look (ACT-03, RUN-09)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.language.catalogue import ActionSpec, Catalogue
from apps_engine.language.compile import compile_definition
from apps_engine.language.plan import Each, Plan
from apps_engine.language.plan_references import reads

ANYTHING = {"type": "object"}
CATALOGUE = Catalogue(
    actions={
        "tell": ActionSpec("tell", "Tell", "tells", ANYTHING, (), local=True),
        "ask": ActionSpec("ask", "Ask", "asks", ANYTHING, (), local=False),
        "remember": ActionSpec("remember", "Remember", "remembers", ANYTHING, (), local=True, writes=("state",)),
    }
)


def compiled(*steps: dict[str, Any], **more: Any) -> Plan:
    definition = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "App",
        "triggers": [{"id": "hand", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": list(steps)}},
        **more,
    }
    return compile_definition(definition, CATALOGUE)


def act(action: str, text: str = "{{ item }}", **more: Any) -> dict[str, Any]:
    return {"act": action, "params": {"text": text}, **more}


def loop(*body: dict[str, Any], **more: Any) -> Each:
    step = compiled({"each": [1, 2], "as": "item", "steps": list(body), **more}).flows["main"].steps[0]
    assert isinstance(step, Each)
    return step


@pytest.mark.requirement("ACT-03")
@pytest.mark.parametrize(
    ("body", "chunked"),
    [
        ([act("tell"), act("tell", when="item > 1", once_per="{{ item }}")], True),
        ([act("tell"), act("ask")], False),
        ([act("tell"), {"branch": [{"steps": [act("tell")]}]}], False),
        ([act("remember")], False),
    ],
)
def test_only_a_body_of_local_actions_that_change_no_state_runs_in_bulk(body, chunked):
    assert loop(*body).chunked is chunked


def test_a_loop_that_may_be_left_does_not_run_in_bulk():
    assert not loop(act("tell"), until="item == 1").chunked


@pytest.mark.requirement("ACT-04")
@pytest.mark.parametrize(
    ("body", "ahead"),
    [
        ([act("ask"), act("ask"), act("tell"), act("ask")], 2),
        ([act("tell"), act("ask")], 0),
        ([act("ask", once_per="{{ item }}")], 0),
        ([act("ask", "{{ state.last }}")], 1),
        ([act("ask"), act("ask", "{{ state.last }}"), act("remember")], 1),
        ([act("ask", when="state.last == item"), {"branch": [{"steps": [act("remember")]}]}], 0),
    ],
)
def test_calls_that_begin_a_body_may_be_made_ahead_unless_an_earlier_item_decides_them(body, ahead):
    assert loop(*body).ahead == ahead


@pytest.mark.requirement("RUN-09")
def test_a_plan_says_whether_anything_in_it_touches_state():
    assert not compiled(act("tell", "state")).uses_state
    assert compiled(act("tell", "{{ $state.n }}")).uses_state
    assert compiled({"branch": [{"steps": [act("remember")]}]}).uses_state
    flows = {"main": {"steps": [act("tell", "hi")], "response": {"template": "{{ state.n }}"}}}
    assert compiled(flows=flows).uses_state
    sequence = [{"delay": "1h", "flow": "main"}]
    delayed = {"id": "d", "type": "delayed", "event": "e", "flow": "main", "sequence": sequence, "exit_when": "state.n"}
    assert compiled(act("tell", "hi"), triggers=[delayed]).uses_state


def test_what_a_part_of_a_plan_reads_is_found_in_all_of_its_templates():
    plan = compiled({"each": "{{ one }}", "as": "item", "steps": [act("tell", "{{ two }}", when="three > 1")]})
    assert [name for name in ("one", "two", "three", "four") if reads(plan.flows, name)] == ["one", "two", "three"]
