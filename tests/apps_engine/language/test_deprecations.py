"""Sixteen weeks from an announcement to the end, and what an upgrade does about it (APP-10; superpowers, section 8)."""

from datetime import date, timedelta
from types import MappingProxyType

import pytest

from apps_engine.language.compile import compile_definition
from apps_engine.language.deprecations import Deprecation, Stage, deprecation_problems, gone, uses
from apps_engine.language.differences import differences
from apps_engine.language.parse import parse
from apps_engine.language.plan import Act, Each, Gone
from apps_engine.language.report import report
from apps_engine.language.upgrade import upgrade
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("APP-10")

START = date(2026, 2, 2)
FLAG = Deprecation("flag_content", START, replacement="report_content")
POSTS = Deprecation("posts", START)
TABLE = {"flag_content": FLAG, "posts": POSTS}
ACT = {"act": "flag_content", "params": {"post_id": 1, "reason": "act: flag_content"}}
AWARD = {"id": "award", "act": "award_xp", "params": {"member_id": 1, "amount": 5, "reason": "x"}}


def app(*steps):
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Old",
        "triggers": [{"id": "t", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": list(steps)}},
    }


EVERYWHERE = app(
    {"id": "rows", "fetch": "posts", "limit": 3},
    {"each": "{{ rows }}", "as": "row", "steps": [{"branch": [{"when": True, "steps": [ACT]}, {"steps": [AWARD]}]}]},
    ACT,
)
PLACES = [
    "/flows/main/steps/0/fetch",
    "/flows/main/steps/1/steps/0/branch/0/steps/0/act",
    "/flows/main/steps/2/act",
]


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (-1, None),
        (0, Stage.ANNOUNCED),
        (27, Stage.ANNOUNCED),
        (28, Stage.LOGGED),
        (55, Stage.LOGGED),
        (56, Stage.SHOWN),
        (83, Stage.SHOWN),
        (84, Stage.DISABLED),
        (111, Stage.DISABLED),
        (112, Stage.REMOVED),
        (9_999, Stage.REMOVED),
    ],
)
def test_a_deprecation_goes_through_its_stages_in_sixteen_weeks(days, stage):
    assert FLAG.stage(START + timedelta(days=days)) is stage


def test_every_use_is_found_wherever_it_stands_and_nothing_that_only_names_it():
    assert [use.path for use in uses(EVERYWHERE, TABLE)] == PLACES
    assert uses(app(AWARD), TABLE) == []
    assert uses(EVERYWHERE, {}) == []


@pytest.mark.parametrize(
    ("weeks", "kept", "severity"),
    [
        (-1, False, None),
        (0, False, "suggestion"),
        (4, False, "warning"),
        (8, False, "warning"),
        (12, False, "error"),
        (12, True, "warning"),
        (15, True, "warning"),
        (16, True, "error"),
    ],
)
def test_its_author_is_told_the_more_strongly_the_longer_it_takes(weeks, kept, severity):
    found = deprecation_problems(app(ACT), TABLE, START + timedelta(weeks=weeks), kept=kept)
    if severity is None:
        assert found == []
        return
    (problem,) = found
    assert (problem.path, problem.code, problem.severity) == ("/flows/main/steps/0/act", "deprecated", severity)
    assert problem.hint == "Use `report_content`."
    assert "2026-02-02" in problem.message


def test_the_last_day_is_named_as_long_as_it_is_to_come():
    (problem,) = deprecation_problems(app(ACT), TABLE, START + timedelta(weeks=8), kept=False)
    assert problem.message == "`flag_content` is deprecated since 2026-02-02 and goes away on 2026-05-25."


@pytest.mark.parametrize(
    ("weeks", "kept", "expected"), [(11, False, set()), (12, False, {*TABLE}), (15, True, set()), (16, True, {*TABLE})]
)
def test_in_week_twelve_it_is_off_unless_kept_on_and_in_week_sixteen_it_is_gone(weeks, kept, expected):
    assert gone(TABLE, START + timedelta(weeks=weeks), kept=kept) == expected


def test_a_step_whose_feature_is_gone_compiles_to_one_that_says_so_and_the_others_stay():
    plan = compile_definition(EVERYWHERE, CATALOGUE.without(frozenset({"flag_content", "posts"})))
    first, loop, last = plan.flows["main"].steps
    assert isinstance(first, Gone)
    assert (first.id, first.feature) == ("rows", "posts")
    assert isinstance(loop, Each)
    assert isinstance(loop.steps[0].arms[0].steps[0], Gone)
    assert isinstance(loop.steps[0].arms[1].steps[0], Act)
    assert last.feature == "flag_content"


def test_what_is_gone_from_the_code_too_still_compiles_and_can_be_told():
    definition = app({"id": "old", "act": "vanished", "params": {"x": "{{ now }}"}}, AWARD)
    catalogue = CATALOGUE.without(frozenset({"vanished"}))
    assert isinstance(compile_definition(definition, catalogue).flows["main"].steps[0], Gone)
    sentences = report(definition, catalogue).sentences()
    assert "Fails, for `vanished` is no longer there." in sentences


def test_an_upgrade_puts_the_replacement_in_place_and_tells_each_difference():
    before = parse(EVERYWHERE).definition
    found = upgrade(before, TABLE)
    assert found.needed
    assert [change.as_dict() for change in found.changes] == [
        {"path": path, "before": "flag_content", "after": "report_content"} for path in PLACES[1:]
    ]
    assert [(use.path, use.deprecation.feature) for use in found.left] == [(PLACES[0], "posts")]
    assert before == EVERYWHERE
    assert found.definition["flows"]["main"]["steps"][2]["params"] == ACT["params"]
    assert not upgrade(found.definition, TABLE).needed


def test_an_upgrade_of_what_is_up_to_date_changes_nothing():
    found = upgrade(MappingProxyType(EVERYWHERE), {})
    assert (found.needed, found.changes, found.left) == (False, (), ())
    assert found.definition == EVERYWHERE


def test_an_upgrade_brings_the_version_before_to_the_current_one():
    old = {**app({"act": "gmail_query", "params": {"query": "x"}}), "schema_version": "1.0"}
    found = upgrade(old, {})
    assert found.definition["schema_version"] == "1.1"
    assert [change.as_dict() for change in found.changes] == [
        {"path": "/schema_version", "before": "1.0", "after": "1.1"},
        {"path": "/flows/main/steps/0/act", "before": "gmail_query", "after": "gmail_search"},
    ]


def test_what_cannot_be_read_is_not_upgraded_and_says_why():
    found = upgrade({**EVERYWHERE, "schema_version": "3.0"}, TABLE)
    assert not found.needed
    assert [problem.code for problem in found.problems] == ["unsupported_schema_version"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": [1, 2]}, {"a": 2, "b": [1]}, [("/a", 1, 2), ("/b/1", 2, None)]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [("/a/b", 1, None), ("/a/c", None, 1)]),
        ({"a": 1}, {"a": True}, [("/a", 1, True)]),
        ({"a": [1]}, {"a": {"0": 1}}, [("/a", [1], {"0": 1})]),
        ({"a/b~": 1}, {}, [("/a~1b~0", 1, None)]),
        (1, 2, [("", 1, 2)]),
    ],
)
def test_differences_are_told_place_by_place(before, after, expected):
    found = [change.as_dict() for change in differences(before, after)]
    assert [(change["path"], change.get("before"), change.get("after")) for change in found] == expected
