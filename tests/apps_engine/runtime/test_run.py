"""The one step loop: paths, journal, conditions, errors, limits (RUN-02, RUN-08, ACT-05)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.language.catalogue import ActionSpec, Catalogue, ConnectorSpec, FieldSpec, FieldType
from apps_engine.language.compile import compile_definition
from apps_engine.language.plan import Plan
from apps_engine.runtime.errors import StepError, Stopped
from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, entry, paths, run_flow

FIELDS = (FieldSpec("id", FieldType.INTEGER), FieldSpec("xp", FieldType.INTEGER), FieldSpec("name", FieldType.TEXT))
CATALOGUE = Catalogue(
    connectors={
        "users": ConnectorSpec(
            "users", "members", "Members.", FIELDS, {"xp": frozenset({"gt"})}, frozenset({"xp"}), 100
        )
    },
    actions={
        name: ActionSpec(name, name, name, {"type": "object"}, (), local)
        for name, local in (("tell", True), ("flag", True), ("send_email", True), ("ask", False), ("call", False))
    },
)
MEMBERS = [{"id": number, "xp": number * 10, "name": f"m{number}"} for number in range(500)]


def plan(steps: list[dict[str, Any]], **more: Any) -> Plan:
    """A plan with these steps in its flow `main`."""
    definition = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "App",
        "triggers": [{"id": "hand", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": steps}},
        **more,
    }
    return compile_definition(definition, CATALOGUE)


def tell(text: str, **more: Any) -> dict[str, Any]:
    """A step that performs the local action `tell`."""
    return {"act": "tell", "params": {"text": text}, **more}


def looped(*body: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Fetch the members and loop over them."""
    return [
        {"id": "members", "fetch": "users", "fields": ["id", "name"], "limit": 1000},
        {"id": "loop", "each": "{{ members }}", "as": "member", "steps": list(body), **more},
    ]


def test_steps_run_in_order_and_see_the_results_of_those_before():
    world, journal = World([{"id": 1, "xp": 70, "name": "Ada"}]), Journal()
    steps = [
        {"id": "members", "fetch": "users", "fields": ["name"], "limit": 5},
        tell("Hi {{ members[0].name }}", id="greeting"),
        tell("{{ greeting.number }}"),
    ]
    outcome = run_flow(plan(steps), world, journal)
    assert outcome.status == "succeeded"
    assert world.done == [("tell", {"text": "Hi Ada"}), ("tell", {"text": 0})]
    assert [status for _, status in paths(journal)] == ["done", "done", "done"]
    assert entry(journal, "main/members").output == [{"name": "Ada"}]


def test_a_step_whose_condition_does_not_hold_is_skipped_and_says_so():
    world, journal = World(), Journal()
    run_flow(plan([tell("never", id="one", when="1 > 2"), tell("yes", id="two", when="2 > 1")]), world, journal)
    assert paths(journal) == [("main/one", "skipped"), ("main/two", "done")]
    assert world.done == [("tell", {"text": "yes"})]


def test_only_the_first_arm_that_holds_runs():
    world, journal = World(), Journal()
    arms = [
        {"when": "1 > 2", "steps": [tell("a")]},
        {"when": "2 > 1", "steps": [tell("b")]},
        {"steps": [tell("c")]},
    ]
    run_flow(plan([{"id": "choice", "branch": arms}]), world, journal)
    assert world.done == [("tell", {"text": "b"})]
    assert entry(journal, "main/choice").output == {"arm": 1}


def test_a_missing_value_fails_the_step_and_nothing_after_it_runs():
    world, journal = World([{"id": 1, "xp": 0, "name": "Ada"}]), Journal()
    steps = [
        {"id": "members", "fetch": "users", "fields": ["name"], "limit": 1},
        tell("{{ members[0].emial }}", id="one"),
        tell("after", id="two"),
    ]
    outcome = run_flow(plan(steps), world, journal)
    assert (outcome.status, outcome.path, outcome.error["code"]) == ("failed", "main/one", "missing_value")
    assert world.done == []
    assert paths(journal)[-1] == ("main/one", "failed")


def test_a_step_that_may_fail_is_noted_and_the_run_goes_on():
    world, journal = World(), Journal()
    world.fail = lambda action, params: StepError("No.", code="refused") if action == "flag" else None
    outcome = run_flow(
        plan([{"id": "f", "act": "flag", "params": {}, "on_error": "continue"}, tell("on")]), world, journal
    )
    assert outcome.status == "succeeded"
    assert entry(journal, "main/f").status == "tolerated"
    assert entry(journal, "main/f").error["code"] == "refused"
    assert world.done == [("tell", {"text": "on"})]


@pytest.mark.requirement("RUN-03")
@pytest.mark.parametrize(
    ("before", "status", "attempts"),
    [
        ({}, "failed", 1),
        ({"path": "main/f", "attempts": 1}, "failed", 2),
        ({"path": "main/f", "attempts": 2}, "succeeded", 3),
        ({"path": "main/earlier", "attempts": 2}, "failed", 1),
        (None, "succeeded", None),
    ],
)
def test_a_failure_that_may_pass_is_tolerated_only_after_the_attempts_of_the_step(before, status, attempts):
    world, journal = World(), Journal()
    world.fail = lambda action, params: StepError("Away.", retryable=True) if action == "flag" else None
    flag = {"id": "f", "act": "flag", "params": {}, "on_error": "continue", "retry": {"max_attempts": 3}}
    outcome = run_flow(plan([flag, tell("on")]), world, journal, before=before)
    assert outcome.status == status
    assert entry(journal, "main/f").error.get("attempts") == attempts
    assert world.done == ([("tell", {"text": "on"})] if status == "succeeded" else [])


def test_an_item_that_fails_is_tried_again_before_the_loop_goes_on_without_it():
    world, journal = World(MEMBERS[:3]), Journal()
    world.fail = lambda action, params: StepError("Away.", retryable=True) if params["text"] == "m1" else None
    body = tell("{{ member.name }}", id="t", on_error="continue", retry={"max_attempts": 2})
    first = run_flow(plan(looped(body)), world, journal, before={})
    assert (first.status, first.path, first.error["attempts"]) == ("failed", "main/loop[1]/t", 1)
    before = {**first.error, "path": first.path}
    assert run_flow(plan(looped(body)), world, journal, before=before).status == "succeeded"
    assert [params["text"] for _, params in world.done] == ["m0", "m2"]
    assert entry(journal, "main/loop[0]/t").status == "done"


@pytest.mark.requirement("RUN-05")
def test_what_the_journal_knows_is_not_done_again():
    world, journal = World(), Journal()
    steps = [tell("first", id="first"), {"id": "f", "act": "flag", "params": {"see": "{{ first.number }}"}}]
    world.fail = lambda action, params: StepError("Away.", retryable=True) if action == "flag" else None
    assert run_flow(plan(steps), world, journal).status == "failed"
    world.fail = lambda action, params: None
    assert run_flow(plan(steps), world, journal).status == "succeeded"
    assert world.done == [("tell", {"text": "first"}), ("flag", {"see": 0})]


@pytest.mark.requirement("ACT-03")
def test_a_local_loop_runs_by_chunks_of_two_hundred_each_committed():
    world, journal = World(MEMBERS), Journal()
    outcome = run_flow(plan(looped(tell("{{ member.name }}", id="t"))), world, journal)
    assert outcome.status == "succeeded"
    assert world.batches == [200, 200, 100]
    assert world.commits == 3
    assert [params["text"] for _, params in world.done] == [member["name"] for member in MEMBERS]
    assert ("main/loop[200:400]/t", "done") in paths(journal)
    assert entry(journal, "main/loop").output == {"count": 500}


@pytest.mark.requirement("RUN-04")
def test_a_loop_goes_on_behind_its_last_chunk():
    world, journal = World(MEMBERS), Journal()
    world.fail = lambda action, params: StepError("Away.", retryable=True) if params["text"] == "m270" else None
    body = looped(tell("{{ member.name }}", id="t"))
    outcome = run_flow(plan(body), world, journal)
    assert (outcome.status, outcome.path) == ("failed", "main/loop[270]/t")
    world.fail = lambda action, params: None
    assert run_flow(plan(body), world, journal).status == "succeeded"
    texts = [params["text"] for _, params in world.done]
    assert sorted(texts) == sorted(member["name"] for member in MEMBERS)
    assert len(texts) == len(set(texts)) == 500


def test_one_bad_item_of_a_tolerant_loop_does_not_cost_its_neighbours():
    world, journal = World(MEMBERS[:220]), Journal()
    world.fail = lambda action, params: StepError("No.", code="refused") if params["text"] == "m7" else None
    outcome = run_flow(plan(looped(tell("{{ member.name }}", id="t", on_error="continue"))), world, journal)
    assert outcome.status == "succeeded"
    assert len(world.done) == 219
    assert entry(journal, "main/loop[7]/t").status == "tolerated"


def test_a_loop_with_an_outside_call_goes_item_by_item():
    world, journal = World(MEMBERS[:3]), Journal()
    run_flow(
        plan(looped({"id": "a", "act": "call", "params": {"n": "{{ member.id }}"}}, tell("{{ a.answer }}"))),
        world,
        journal,
    )
    assert [params.get("n", params.get("text")) for _, params in world.done] == [
        0, "main/loop[0]/a", 1, "main/loop[1]/a", 2, "main/loop[2]/a",
    ]  # fmt: skip


def test_a_loop_ends_where_its_until_holds():
    world, journal = World(MEMBERS[:10]), Journal()
    run_flow(plan(looped(tell("{{ member.name }}"), until="member.id >= 4")), world, journal)
    assert len(world.done) == 5
    assert entry(journal, "main/loop").output == {"count": 5}


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(("rows", "left_out"), [(1000, 0), (1001, 1)])
def test_a_loop_stops_at_one_thousand_items_and_says_what_it_left_out(rows, left_out):
    world, journal = World([{"id": n, "xp": 0, "name": "m"} for n in range(rows)]), Journal()
    steps = looped(tell("{{ member.name }}"))
    steps[0]["limit"] = 2000
    run_flow(plan(steps), world, journal)
    output = entry(journal, "main/loop").output
    assert len(world.done) == 1000
    assert output.get("limited", {}).get("left_out", 0) == left_out


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(("mails", "status"), [(500, "succeeded"), (501, "failed")])
def test_five_hundred_mails_may_go_out_and_not_one_more(mails, status):
    world, journal = World([{"id": n, "xp": 0, "name": "m"} for n in range(mails)]), Journal()
    usage: dict[str, int] = {}
    mail = {"id": "mail", "act": "send_email", "params": {"to": "{{ member.name }}"}}
    outcome = run_flow(plan(looped(mail)), world, journal, usage)
    assert outcome.status == status
    assert usage == {"email": 500}
    assert len(world.done) == 500
    if status == "failed":
        assert outcome.error["code"] == "limit_email"
        assert outcome.path == "main/loop[500]/mail"


@pytest.mark.requirement("RUN-02")
def test_the_deadline_ends_the_run_even_where_steps_may_fail():
    elapsed = iter([0.0] * 6 + [301.0] * 20)
    world, journal = World(seconds=lambda: next(elapsed)), Journal()
    outcome = run_flow(
        plan([tell("a", on_error="continue"), tell("b", on_error="continue"), tell("c")]), world, journal
    )
    assert outcome.status == "failed"
    assert outcome.error["code"] == "limit_seconds"
    assert len(world.done) < 3


@pytest.mark.requirement("APP-03")
def test_no_new_step_starts_once_the_run_is_stopped():
    world, journal = World(), Journal()

    def stop_after_first(action: str, params: Any) -> None:
        world.stop = Stopped("paused")

    world.fail = stop_after_first
    outcome = run_flow(plan([tell("a"), tell("b")]), world, journal)
    assert (outcome.status, outcome.reason) == ("stopped", "paused")
    assert world.done == [("tell", {"text": "a"})]


def test_a_pause_suspends_the_run_and_it_goes_on_behind_it():
    world, journal = World(), Journal()
    steps = [tell("a"), {"id": "wait", "pause": {"for": "2h"}}, tell("b")]
    outcome = run_flow(plan(steps), world, journal)
    assert outcome.status == "suspended"
    assert (outcome.until - world.now()).total_seconds() == 7200
    assert run_flow(plan(steps), world, journal).status == "succeeded"
    assert world.done == [("tell", {"text": "a"}), ("tell", {"text": "b"})]
