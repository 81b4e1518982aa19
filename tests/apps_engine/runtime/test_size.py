"""How large a value of a run may be: each value counts as often as it is held, whether or not memory holds it once."""

from __future__ import annotations

import pytest

from apps_engine.language.bounds import VALUE_DEPTH
from apps_engine.language.errors import BoundExceeded
from apps_engine.runtime.meter import MOST_JOURNAL
from apps_engine.runtime.size import MOST_CHARACTERS, bounded
from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, entry, run_flow
from tests.apps_engine.runtime.test_run import plan, tell

pytestmark = [pytest.mark.requirement("SEC-03"), pytest.mark.requirement("RUN-02")]

FETCH = {"id": "r0", "fetch": "users", "limit": 5}
ROW = {"id": 1, "xp": 2, "name": "Ada"}


def doubling(times: int) -> list[dict]:
    """Steps each of which puts every row twice into a new one."""
    fields = {"fields": {"a": "(item)", "b": "(item)"}}
    return [{"id": f"r{n + 1}", "transform": "map", "from": f"{{{{ r{n} }}}}", "params": fields} for n in range(times)]


def test_a_few_steps_that_double_what_they_get_fill_no_journal():
    journal = Journal()
    outcome = run_flow(plan([FETCH, *doubling(19)]), World([ROW]), journal)
    assert (outcome.status, outcome.error["code"]) == ("failed", "value_too_large")
    assert entry(journal, outcome.path).output.keys() == {"error"}


def test_what_doubles_a_few_times_passes():
    assert run_flow(plan([FETCH, *doubling(8)]), World([ROW]), Journal()).status == "succeeded"


def test_the_parameters_of_an_action_are_no_way_around():
    steps = [FETCH, *doubling(12), {"id": "hit", "act": "tell", "params": {"text": ["{{ r12 }}"] * 400}}]
    world = World([ROW])
    outcome = run_flow(plan(steps), world, Journal())
    assert (outcome.path, outcome.error["code"], world.done) == ("main/hit", "value_too_large", [])


def test_the_values_that_rows_are_compared_with_are_none_either():
    where = {"id": {"in": ["{{ r12 }}"] * 400}}
    steps = [FETCH, *doubling(12), {"id": "more", "fetch": "users", "where": where}, tell("x")]
    assert run_flow(plan(steps), World([ROW]), Journal()).error["code"] == "value_too_large"


def test_the_response_of_a_flow_is_none_either():
    flows = {"main": {"steps": [FETCH, *doubling(12)], "response": {"template": "x", "ui": ["{{ r12 }}"] * 400}}}
    outcome = run_flow(plan([], flows=flows), World([ROW]), Journal())
    assert (outcome.path, outcome.error["code"]) == ("main/response", "value_too_large")


def test_a_value_may_be_large_and_nest_up_to_the_bounds():
    text = "x" * (MOST_CHARACTERS // 2)
    assert bounded([text]) == [text]
    with pytest.raises(BoundExceeded) as caught:
        bounded([text, text])
    assert caught.value.code == "value_too_large"
    deep: object = 1
    for _ in range(VALUE_DEPTH):
        deep = [deep]
    assert bounded(deep) is deep
    with pytest.raises(BoundExceeded) as caught:
        bounded([deep])
    assert caught.value.code == "too_deep"


def test_a_run_whose_steps_together_see_and_make_too_much_ends_before_the_next_one():
    copies = [{"id": f"c{n}", "transform": "limit", "from": "{{ r0 }}", "params": {"count": 5}} for n in range(6)]
    journal = Journal()
    outcome = run_flow(plan([FETCH, *copies]), World([{**ROW, "name": "x" * 6_000_000}] * 3), journal)
    assert (outcome.status, outcome.error["code"]) == ("failed", "limit_journal")
    assert MOST_JOURNAL < journal.characters < MOST_JOURNAL + MOST_CHARACTERS
    # The attempt that takes the run up again has what the others have written behind it.
    assert Journal([stored for stored in journal.entries if stored.status == "done"]).characters == journal.characters


def test_rows_that_are_too_large_together_are_no_result_of_a_fetch():
    outcome = run_flow(plan([FETCH]), World([{**ROW, "name": "x" * 12_000_000}] * 3), Journal())
    assert (outcome.status, outcome.error["code"]) == ("failed", "value_too_large")
