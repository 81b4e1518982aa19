"""What steps are given is of the kind they take: lists, parameters, filters of a connector (LNG-06, PIP-02)."""

import pytest

from apps_engine.language.problems import Severity
from tests.apps_engine.language.checked_steps import MEMBERS, codes, each, problems, write

pytestmark = pytest.mark.requirement("LNG-06")


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ("{{ trigger.post }}", "not_a_list"),
        ("{{ members | length }}", "not_a_list"),
        ("all of them", "not_a_list"),
        ("{{ members }} and more", "not_a_list"),
        ("{{ members[0].xp + 1 }}", "not_a_list"),
        ("{{ members | pluck: 'id' }}", None),
        ("{{ [1, 2, 3] }}", None),
        ([1, "{{ members[0].id }}"], None),
    ],
)
def test_a_loop_goes_over_a_list(items, code):
    assert codes(MEMBERS, each(items, write("x"))) == ({code} if code else set())


RETRY = {"max_attempts": 5}
LOOP = {"each": [1], "as": "one", "steps": [write("x")]}
BRANCH = {"branch": [{"when": "trigger.post.id == 1", "steps": [write("x")]}]}


@pytest.mark.requirement("RUN-03")
@pytest.mark.parametrize("around", [LOOP, BRANCH])
def test_a_retry_that_stands_around_steps_is_said_to_change_nothing(around):
    (found,) = problems({**around, "retry": RETRY})
    assert (found.code, found.path, found.severity) == ("no_effect", "/flows/main/steps/0/retry", Severity.WARNING)
    assert "Put `retry` on the steps inside" in found.hint
    inside = {**LOOP, "steps": [write("x", retry=RETRY)]}
    assert codes(write("x", retry=RETRY), inside) == set()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"member_id": "{{ trigger.author.id }}", "amount": "{{ members | length }}", "reason": "x"}, None),
        ({"member_id": "{{ now }}", "amount": 1, "reason": "x"}, "wrong_type"),
        ({"member_id": "{{ trigger.author.id }}", "amount": "many", "reason": "x"}, "wrong_type"),
        ({"member_id": "{{ trigger.author.id }}", "amount": 0, "reason": "x"}, "out_of_range"),
        ({"member_id": "{{ trigger.author.id }}", "amount": "{{ inputs.n }}", "reason": "x"}, None),
        ({"member_id": "{{ trigger.author.id }}", "amount": 1}, "missing_parameter"),
        ({"member_id": "{{ trigger.author.id }}", "amount": 1, "reason": ""}, "too_short"),
        ({"member_id": "{{ trigger.author.id }}", "amount": 1, "reason": "x", "why": "y"}, "unknown_parameter"),
    ],
)
def test_parameters_are_checked_as_far_as_they_are_constant(params, code):
    inputs = {"type": "object", "properties": {"n": {"type": "integer", "default": 3}}}
    assert codes(MEMBERS, {"act": "award_xp", "params": params}, inputs=inputs) == ({code} if code else set())


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("moderators", None),
        (7, None),
        ("{{ trigger.author.id }}", None),
        ("moderator", "not_allowed"),
        (["x"], "not_allowed"),
    ],
)
def test_a_parameter_with_alternatives_is_judged_by_the_one_that_was_meant(to, code):
    found = problems({"act": "send_notification", "params": {"to": to, "title": "t"}})
    assert {problem.code for problem in found} == ({code} if code else set())
    assert all(problem.path.endswith("/params/to") for problem in found)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"xp": {"gte": 10}}, None),
        ({"xp": {"gte": "ten"}}, "wrong_type"),
        ({"xp": {"in": [1, "two"]}}, "wrong_type"),
        ({"xp": "{{ trigger.post.score }}"}, None),
        ({"xp": "{{ trigger.post.status }}"}, "wrong_type"),
        ({"email": None}, None),
        ({"email": 3}, "wrong_type"),
        ({"last_active_at": {"lt": "2026-01-01"}}, None),
        ({"last_active_at": {"lt": "{{ now }}"}}, None),
        ({"last_active_at": {"lt": "long ago"}}, "wrong_type"),
        ({"last_active_at": {"within_last": "7d"}}, None),
        ({"badges": {"contains": "gold"}}, None),
        ({"badges": {"gt": 3}}, "operator_not_admitted"),
        ({"nope": 1}, "unknown_field"),
        ({"not": {"or": [{"xp": 1}, {"nope": 1}]}}, "unknown_field"),
        ([{"field": "nope", "op": "eq", "value": 1}], "unknown_field"),
        ({"email.domain": "x"}, "unknown_field"),
    ],
)
@pytest.mark.requirement("PIP-02")
def test_what_a_connector_does_not_admit_is_refused(where, code):
    assert codes({"id": "rows", "fetch": "users", "where": where}) == ({code} if code else set())
