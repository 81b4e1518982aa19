"""What the apps of one community do to each other is known before one of them is saved (TRG-10)."""

import pytest

from apps_engine.language.neighbours import footprint, neighbour_problems
from apps_engine.language.parse import parse
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("TRG-10")


def app(name, *steps, hears=(), emits=(), when=None):
    triggers = [{"id": f"t{n}", "type": "event", "event": event, "flow": "main"} for n, event in enumerate(hears)]
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": name,
        "triggers": triggers or [{"id": "t", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": list(steps)}},
        "permissions": {
            "emits": list(emits),
            "subscribes": [event for event in hears if event not in CATALOGUE.events],
        },
    }
    return footprint(parse(document).definition, CATALOGUE)


def send(event):
    return {"act": "emit_event", "params": {"event": event}}


POST = {"act": "create_post", "params": {"title": "t", "body": "b"}}
FLAG = {"act": "flag_content", "params": {"post_id": 1}}


def found(own, *others):
    return [(problem.code, problem.path) for problem in neighbour_problems(own, others)]


def test_two_apps_that_start_each_other_by_their_events_are_refused():
    bill = app("Bill split", send("bill_settled"), hears=["budget_kept"], emits=["bill_settled"])
    budget = app("Budget", send("budget_kept"), hears=["bill_settled"], emits=["budget_kept"])
    (problem,) = neighbour_problems(bill, [budget])
    assert (problem.code, problem.severity, problem.path) == ("event_cycle", "error", "/triggers/0/event")
    assert "“Budget”" in problem.message


def test_a_circle_of_four_is_found_with_the_apps_on_the_way():
    apps = [app(f"App {n}", send(f"e{n}"), hears=[f"e{(n + 3) % 4}"], emits=[f"e{n}"]) for n in range(4)]
    (problem,) = neighbour_problems(apps[0], apps[1:])
    assert problem.code == "event_cycle"
    assert [name for name in ("App 1", "App 2", "App 3") if name in problem.message] == ["App 1", "App 2", "App 3"]


def test_a_chain_that_does_not_come_back_is_fine():
    first = app("A", send("a"), emits=["a"])
    second = app("B", send("b"), hears=["a"], emits=["b"])
    third = app("C", POST, hears=["b"])
    assert found(second, first, third) == found(first, second, third) == []


def test_one_app_that_asks_for_its_own_event_says_so_itself():
    alone = app("Alone", send("again"), hears=["again"], emits=["again"])
    assert found(alone) == []


def test_an_event_whose_name_a_run_makes_may_be_any_that_the_app_may_send():
    vague = app("Vague", send("{{ trigger.name }}"), hears=["back"], emits=["there", "elsewhere"])
    other = app("Other", send("back"), hears=["there"], emits=["back"])
    assert found(vague, other) == [("event_cycle", "/triggers/0/event")]


def test_an_event_that_is_permitted_and_never_sent_starts_nobody():
    quiet = app("Quiet", POST, hears=["back"], emits=["there"])
    other = app("Other", send("back"), hears=["there"], emits=["back"])
    assert found(quiet, other) == []


def test_a_circle_through_the_platform_is_a_warning_for_a_filter_may_stop_it():
    posting = app("Posts", POST, hears=["post.flagged"])
    flagging = app("Flags", FLAG, hears=["post.created"])
    assert "post.flagged" not in CATALOGUE.events
    awarding = app("XP", send("praised"), hears=["post.created"], emits=["praised"])
    writer = app("Writer", POST, hears=["praised"])
    (problem,) = neighbour_problems(writer, [awarding])
    assert (problem.code, problem.severity) == ("event_loop", "warning")
    assert found(awarding, writer) == [("event_loop", "/triggers/0/event")]
    assert found(posting, flagging) == []


def test_two_apps_that_do_the_same_after_the_same_event_are_told_of_each_other():
    first, second = app("One", FLAG, hears=["post.created"]), app("Two", FLAG, hears=["post.created"])
    (problem,) = neighbour_problems(first, [second])
    assert (problem.code, problem.severity, problem.path) == ("same_effect", "warning", "/flows/main/steps/0")
    assert "“Two”" in problem.message
    assert found(first, app("Three", FLAG, hears=["comment.created"])) == []


def update(**fields):
    return {"act": "update_user", "params": {"member_id": 1, **fields}}


def test_two_apps_that_set_the_same_field_are_told_of_each_other():
    first, second = app("Scores", update(engagement_score=3)), app("Also scores", update(engagement_score=4))
    (problem,) = neighbour_problems(first, [second])
    assert (problem.code, problem.severity, problem.path) == ("same_field", "warning", "/flows/main/steps/0")
    assert "“Also scores” sets `engagement_score` too" in problem.message
    assert found(first, app("Countries", update(country="CH", only_if={"engagement_score": 3}))) == []


def test_many_apps_are_looked_at_once_each():
    ring = [app(f"App {n}", send(f"e{n}"), hears=[f"e{m}" for m in range(49)], emits=[f"e{n}"]) for n in range(49)]
    assert {code for code, _ in found(ring[0], *ring[1:])} == {"event_cycle"}
