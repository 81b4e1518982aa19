"""Outside calls of a loop: several at once, counted once each, asked again by nobody (ACT-04, RUN-02, RUN-05)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_engine.runtime.ahead import WINDOW
from apps_engine.services.apps import create_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect, Execution, StepResult
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now


def asking(url: str, words: list[str], *more: dict[str, Any], action: str = "ask", **step: Any) -> dict[str, Any]:
    """Asks about every word, one after the other as its author sees it."""
    ask = {"id": "answer", "act": action, "params": {"url": url, "text": "{{ word }}"}, **step}
    loop = {"id": "words", "each": words, "as": "word", "steps": [ask, *more]}
    return definition([loop], settings={"retry": {"max_attempts": 2}})


def words(count: int) -> list[str]:
    return [f"word {number}" for number in range(count)]


@pytest.fixture
def start(tenant, principal) -> Callable[[dict[str, Any]], int]:
    def start_one(source: dict[str, Any]) -> int:
        with tenant_scope(tenant.pk):
            return run_app(principal, create_app(principal, source).pk).pk

    return start_one


@pytest.fixture
def run_of(tenant) -> Callable[[int], Execution]:
    def read(run: int) -> Execution:
        with tenant_scope(tenant.pk):
            return Execution.objects.get(pk=run)

    return read


def test_forty_calls_go_out_by_the_windowful(sink, start, run_of):
    sink.seconds = 0.2
    run = start(asking(sink.url, words(40)))
    assert run_now(run) == "succeeded"
    assert sorted(sink.answered) == sorted(word.encode() for word in words(40))
    assert WINDOW // 2 < sink.most_at_once <= WINDOW


@pytest.mark.requirement("ACT-04")
def test_each_item_gets_its_own_answer_and_every_call_is_counted_once(tenant, members, sink, start, run_of):
    tell = {"id": "tell", "act": "stamp", "params": {"member_id": members[0].pk, "text": "{{ answer.text }}"}}
    run = start(asking(sink.url, words(20), tell))
    assert run_now(run) == "succeeded"
    execution = run_of(run)
    assert execution.usage == {"ai": 20, "tokens": sum(len(word) for word in words(20))}
    with tenant_scope(tenant.pk):
        paths = dict(StepResult.objects.filter(execution_id=run).values_list("path", "output"))
        assert Effect.objects.filter(execution_id=run, state="done").count() == 20
    for number, word in enumerate(words(20)):
        assert paths[f"main/words[{number}]/answer"]["text"] == word.upper()


def test_a_further_item_of_a_window_costs_a_look_at_its_run_and_the_writing_of_its_answer(sink, start):
    def statements(count: int, name: str) -> int:
        run = start({**asking(sink.url, words(count)), "name": name})
        with CaptureQueriesContext(connection) as captured:
            assert run_now(run) == "succeeded"
        return len(captured)

    statements(2, "The first time more is read")
    # It is looked whether the run may go on. The answers are written in one round trip.
    assert statements(WINDOW, "Many") - statements(2, "Two") == 2 * (WINDOW - 2)


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(("count", "state"), [(100, "succeeded"), (101, "failed")])
def test_a_hundred_calls_may_be_made_and_not_one_more(sink, start, run_of, count, state):
    run = start(asking(sink.url, words(count)))
    assert run_now(run) == state
    assert len(sink.requests) == 100
    assert run_of(run).usage["ai"] == 100
    if state == "failed":
        assert (run_of(run).error["code"], run_of(run).error["path"]) == ("limit_ai", "main/words[100]/answer")


def test_the_same_question_is_asked_once_in_a_run_and_costs_nothing_more(tenant, sink, start, run_of):
    repeated = ["alpha", "beta"] * 60
    run = start(asking(sink.url, repeated, action="ask_cached"))
    assert run_now(run) == "succeeded"
    assert sorted(sink.answered) == [b"alpha", b"beta"]
    assert run_of(run).usage == {"ai": 2, "tokens": 9}
    with tenant_scope(tenant.pk):
        answers = (
            StepResult.objects.filter(execution_id=run, kind="act").order_by("pk").values_list("output", flat=True)
        )
        assert [answer["text"] for answer in answers] == [word.upper() for word in repeated]


def test_an_answer_is_kept_for_a_later_step_of_the_run_and_for_no_other_run(sink, start, run_of):
    ask = {"act": "ask_cached", "params": {"url": sink.url, "text": "alpha"}}
    source = definition([{"id": "one", **ask}, {"id": "two", **ask}])
    assert run_now(start(source)) == "succeeded"
    assert sink.answered == [b"alpha"]
    assert run_now(start({**source, "name": "Another"})) == "succeeded"
    assert sink.answered == [b"alpha", b"alpha"]


def test_an_answer_that_was_there_already_holds_for_once_per_too(sink, start, run_of):
    ask = {"act": "ask_cached", "params": {"url": sink.url, "text": "alpha"}}
    twice = definition([{"id": "one", **ask}, {"id": "two", **ask, "once_per": "for ever"}])
    run = start(twice)
    assert run_now(run) == "succeeded"
    with tenant_scope(run_of(run).tenant_id):
        kept = Effect.objects.get(path="main/two")
    assert (kept.idem_key, kept.response["text"]) == (f"once:{run_of(run).app_id}:for ever", "ALPHA")
    assert sink.answered == [b"alpha"]


def test_a_call_that_fails_is_told_for_its_item_and_made_once(tenant, sink, start, run_of):
    sink.refused = {b"word 3"}
    run = start(asking(sink.url, words(10), on_error="continue"))
    assert run_now(run) == "succeeded"
    assert len(sink.requests) == 10
    with tenant_scope(tenant.pk):
        step = StepResult.objects.get(execution_id=run, path="main/words[3]/answer")
        effect = Effect.objects.get(execution_id=run, path="main/words[3]/answer")
    assert (step.status, step.error["code"], effect.state) == ("tolerated", "refused", "failed")
    answered = [word for word in words(10) if word != "word 3"]
    assert run_of(run).usage == {"ai": 10, "tokens": 1000 + sum(map(len, answered))}, "what failed used something too"


@pytest.mark.requirement("RUN-05")
def test_a_retry_asks_only_what_was_not_answered(sink, start, run_of, owner_connection):
    sink.seconds = 0.05
    run = start(asking(sink.url, words(12), {"id": "fail", "act": "fail", "params": {"retryable": True}}))
    assert run_now(run) == "queued"
    assert len(sink.requests) == WINDOW
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [run])
    assert run_now(run) == "dead"
    assert len(sink.requests) == WINDOW
    assert run_of(run).usage["ai"] == WINDOW


def test_calls_that_depend_on_each_other_go_one_stage_after_the_other(tenant, sink, start, run_of):
    second = {"id": "second", "act": "ask", "params": {"url": sink.url, "text": "{{ answer.text | lowercase }}!"}}
    run = start(asking(sink.url, words(WINDOW), second))
    assert run_now(run) == "succeeded"
    firsts, seconds = sink.answered[:WINDOW], sink.answered[WINDOW:]
    assert sorted(firsts) == sorted(word.encode() for word in words(WINDOW))
    assert sorted(seconds) == sorted(f"{word}!".encode() for word in words(WINDOW))


@pytest.mark.parametrize("reason", ["until", "state", "once"])
def test_where_an_item_depends_on_the_one_before_the_calls_go_one_by_one(sink, start, reason):
    source = asking(sink.url, words(4))
    loop = source["flows"]["main"]["steps"][0]
    if reason == "until":
        loop["until"] = "loop.number == 2"
    elif reason == "state":
        loop["steps"][0]["params"]["text"] = "{{ word }} after {{ state.last | default: 'none' }}"
        loop["steps"].append({"id": "note", "act": "state_update", "params": {"data": {"last": "{{ word }}"}}})
    else:
        loop["steps"][0]["once_per"] = "{{ word }}"
    assert run_now(start(source)) == "succeeded"
    assert sink.most_at_once == 1
    assert len(sink.requests) == (2 if reason == "until" else 4)
    if reason == "state":
        assert sink.answered[1] == b"word 1 after word 0"


def test_calls_that_nobody_may_repeat_are_never_made_ahead(sink, start):
    assert run_now(start(asking(sink.url, words(4), action="tell_keyed"))) == "succeeded"
    assert sink.most_at_once == 1


def test_a_dry_run_makes_no_call_and_holds_to_the_limit(tenant, principal, sink):
    with tenant_scope(tenant.pk):
        rehearsal = dry_run(principal, asking(sink.url, words(101))).as_dict()
    assert sink.requests == []
    assert rehearsal["counts"] == {"ask": 100}
    assert rehearsal["error"]["code"] == "limit_ai"


@pytest.mark.requirement("APP-03")
def test_items_whose_condition_does_not_hold_are_asked_nothing(sink, start):
    assert run_now(start(asking(sink.url, words(6), when="word != 'word 2'"))) == "succeeded"
    assert len(sink.requests) == 5
