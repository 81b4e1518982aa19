"""Loops: several actions, conditions and keys in bulk; progress; what a later attempt sees (ACT-03, RUN-04)."""

from __future__ import annotations

import pytest

from apps_engine.runtime.ahead import WINDOW
from apps_engine.runtime.errors import StepError, Stopped
from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, entry, paths, run_flow
from tests.apps_engine.runtime.test_run import MEMBERS, looped, plan, tell

pytestmark = pytest.mark.requirement("ACT-03")

ASK = {"id": "a", "act": "ask", "params": {"n": "{{ member.id }}"}}


def test_several_actions_of_a_chunk_go_one_after_the_other_for_all_of_its_items():
    world, journal = World(MEMBERS), Journal()
    flag = {"id": "f", "act": "flag", "params": {"see": "{{ t.number }}"}, "when": "member.id >= 200"}
    assert run_flow(plan(looped(tell("{{ member.name }}", id="t"), flag)), world, journal).status == "succeeded"
    assert world.batches == [200, 200, 200, 100, 100], "nobody of the first chunk is flagged"
    assert entry(journal, "main/loop[0:200]/f").items == 0
    assert world.done[400] == ("flag", {"see": 0})


@pytest.mark.requirement("APP-03")
def test_no_further_action_of_a_chunk_begins_once_the_run_is_stopped_and_the_chunk_is_undone():
    world = World(MEMBERS)

    def stop_in_the_second_chunk(action: str, params: object) -> None:
        world.stop = Stopped("paused") if len(world.done) >= 500 else None

    world.fail = stop_in_the_second_chunk
    outcome = run_flow(plan(looped(tell("first"), tell("second"))), world)
    assert (outcome.status, outcome.reason) == ("stopped", "paused")
    assert world.batches == [200, 200, 200]
    assert len(world.done) == 400


def test_what_a_condition_left_out_is_null_for_the_next_action():
    world = World(MEMBERS[:2])
    flag = {"id": "f", "act": "flag", "params": {}, "when": "member.id == 1"}
    after = tell("{{ f.number | default: 'left out' }}")
    assert run_flow(plan(looped(flag, after)), world).status == "succeeded"
    assert [params.get("text") for action, params in world.done if action == "tell"] == ["left out", 0]


def test_a_body_that_reads_goes_item_by_item():
    world = World(MEMBERS[:3])
    body = [{"id": "same", "fetch": "users", "fields": ["id"], "limit": 1}, tell("{{ same | length }}")]
    assert run_flow(plan(looped(*body)), world).status == "succeeded"
    assert world.batches == [1, 1, 1]


def test_a_body_that_branches_goes_item_by_item():
    world = World(MEMBERS[:3])
    branch = {"branch": [{"when": "member.id == 1", "steps": [tell("one")]}, {"steps": [tell("other")]}]}
    assert run_flow(plan(looped(branch)), world).status == "succeeded"
    assert [params["text"] for _, params in world.done] == ["other", "one", "other"]


def test_the_loops_own_names_tell_where_it_is():
    world = World(MEMBERS[:3])
    text = "{{ loop.number }}/{{ loop.length }} {{ loop.index }} {{ loop.first }} {{ loop.last }}"
    run_flow(plan(looped(tell(text))), world)
    assert [params["text"] for _, params in world.done] == ["1/3 0 true false", "2/3 1 false false", "3/3 2 false true"]


def test_each_chunk_says_how_far_the_loop_is():
    world = World(MEMBERS)
    run_flow(plan(looped(tell("{{ member.name }}"))), world)
    assert world.told == [("main/loop", 200, 500), ("main/loop", 400, 500), ("main/loop", 500, 500)]


def test_of_loops_inside_each_other_the_outermost_tells_how_far_it_is():
    world = World(MEMBERS[:2])
    inner = {"id": "inner", "each": [1, 2, 3], "as": "n", "steps": [tell("{{ n }}")]}
    run_flow(plan(looped(inner)), world)
    assert world.told == [("main/loop", 1, 2), ("main/loop", 2, 2)]


def test_a_loop_that_was_left_says_how_far_it_came():
    world, journal = World(MEMBERS[:10]), Journal()
    run_flow(plan(looped(tell("{{ member.name }}"), until="loop.number == 3")), world, journal)
    assert world.told[-1] == ("main/loop", 3, 10)
    assert entry(journal, "main/loop").output == {"count": 3}


@pytest.mark.requirement("RUN-02")
def test_a_loop_stops_at_the_deadline_and_its_chunks_stay():
    elapsed = iter([0.0] * 12 + [301.0] * 100)
    world = World(MEMBERS, seconds=lambda: next(elapsed))
    outcome = run_flow(plan(looped(tell("{{ member.name }}"))), world)
    assert (outcome.status, outcome.error["code"]) == ("failed", "limit_seconds")
    assert "300 seconds" in outcome.error["message"]
    assert 0 < len(world.done) < 500
    assert len(world.done) % 200 == 0
    assert world.commits >= len(world.done) // 200


@pytest.mark.requirement("RUN-04")
def test_a_branch_that_was_run_gives_its_names_to_a_later_attempt():
    world, journal = World(), Journal()
    arms = [{"when": "1 > 2", "steps": [tell("no")]}, {"steps": [tell("yes", id="t")]}]
    steps = plan([{"id": "choice", "branch": arms}, {"id": "f", "act": "flag", "params": {"see": "{{ t.number }}"}}])
    world.fail = lambda action, params: StepError("Away.", retryable=True) if action == "flag" else None
    assert run_flow(steps, world, journal).status == "failed"
    world.fail = lambda action, params: None
    assert run_flow(steps, world, journal).status == "succeeded"
    assert world.done == [("tell", {"text": "yes"}), ("flag", {"see": 0})]


@pytest.mark.requirement("ACT-04")
def test_calls_that_begin_the_body_are_made_a_window_at_a_time_and_the_paths_stay():
    world, journal = World(MEMBERS[:20]), Journal()
    assert run_flow(plan(looped(ASK, tell("{{ a.answer }}"))), world, journal).status == "succeeded"
    assert [len(window) for window in world.windows] == [WINDOW, WINDOW, 4]
    acts = [path for path, _ in paths(journal) if path.count("/") == 2]
    assert acts == [f"main/loop[{n}]/{key}" for n in range(20) for key in ("a", "act2")]


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(("count", "status"), [(100, "succeeded"), (101, "failed")])
def test_no_more_calls_are_made_ahead_than_may_be_made(count, status):
    world = World(MEMBERS[:count])
    usage: dict[str, int] = {}
    assert run_flow(plan(looped(ASK)), world, usage=usage).status == status
    assert usage == {"ai": 100}


def test_a_call_ahead_that_fails_is_the_items_own_failure():
    world, journal = World(MEMBERS[:4]), Journal()
    world.fail = lambda action, params: StepError("No.", code="refused") if params.get("n") == 2 else None
    outcome = run_flow(plan(looped({**ASK, "on_error": "continue"})), world, journal)
    assert outcome.status == "succeeded"
    assert [status for path, status in paths(journal) if path.endswith("/a")] == ["done", "done", "tolerated", "done"]


def test_calls_that_wait_for_another_action_are_not_made_ahead():
    world = World(MEMBERS[:4])
    run_flow(plan(looped(tell("first"), ASK)), world)
    assert world.windows == []


def test_nothing_is_made_ahead_of_a_break():
    world = World(MEMBERS[:4])
    run_flow(plan(looped(ASK, until="loop.number == 1")), world)
    assert world.windows == []
    assert len(world.done) == 1
