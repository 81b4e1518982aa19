"""The transform `calculate`, from what an author writes to its value (LNG-04; superpowers, section 7)."""

from decimal import Decimal

import pytest

from apps_engine.language.compile import compile_definition
from apps_engine.language.errors import LanguageError
from apps_engine.language.parse import parse
from apps_engine.language.problems import has_errors
from apps_engine.language.templates import compile_expression, compile_template
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("LNG-04")

SCOPE = {"total": Decimal("47.52"), "people": ["Ada", "Bo", "Cy"], "prices": [3, Decimal("1.5")], "none": None, "n": 3}


def calculate(expression, scope=SCOPE, **params):
    return TRANSFORMS["calculate"].apply(None, {"expression": compile_expression(expression)(scope), **params}, None)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("{{ total }} * 2", Decimal("95.04")),
        ("{{ total }} + {{ n }} * 2", Decimal("53.52")),
        ("total * 1.18", Decimal("56.0736")),
        ("-n % 2", 1),
        ("7 / 2", Decimal("3.5")),
        ("round(total)", 48),
        ("round(total / 3, 2)", Decimal("15.84")),
        ("round(total * 1.1, n - 2)", Decimal("52.3")),
        ("ceil(total)", 48),
        ("floor(total)", 47),
        ("abs(-n)", 3),
        ("min(total, n, 5)", 3),
        ("max(prices)", 3),
        ("sum(prices)", Decimal("4.5")),
        ("sum(prices | pluck: 'x' | default: 0, 1)", None),
        ("len(people) + len('abc')", 6),
        ("max(round(total), len(people)) - abs(min(1, 2))", 47),
        ("sum(1, 2, 3) / len(people)", 2),
        ("{{ round(total) }} + 1", 49),
        (5, 5),
        (Decimal("1.50"), Decimal("1.50")),
        ("people | count_by", {"Ada": 1, "Bo": 1, "Cy": 1}),
    ],
)
def test_an_expression_is_worked_out_exactly(expression, expected):
    if expected is None:
        with pytest.raises(LanguageError):
            calculate(expression)
        return
    found = calculate(expression)
    assert found == expected
    assert str(found) == str(expected)


def test_a_function_does_what_its_filter_does_and_may_stand_in_any_template():
    assert compile_template("{{ round(total, 1) }} for {{ len(people) }}")(SCOPE) == "47.5 for 3"
    assert compile_template("{{ sum }} {{ sum(xs) }}")({"sum": 1, "xs": [2, 3]}) == "1 5"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"decimals": 2}, Decimal("15.84")),
        ({"decimals": 0}, 16),
        ({"decimals": Decimal("1")}, Decimal("15.8")),
        ({"distribute": 3}, [Decimal("5.28")] * 3),
        ({"distribute": 3, "decimals": 1}, [Decimal("5.3"), Decimal("5.3"), Decimal("5.2")]),
        ({"distribute": 5, "decimals": 0}, [4, 3, 3, 3, 3]),
    ],
)
def test_a_value_is_rounded_and_split_without_loss(params, expected):
    found = calculate("total / 3", **params)
    assert found == expected
    if "distribute" in params:
        assert sum(found) == calculate("total / 3", decimals=params.get("decimals", 2))


@pytest.mark.parametrize(
    ("expression", "params", "code"),
    [
        ("total / (n - 3)", {}, "division_by_zero"),
        ("total % (n - 3)", {}, "division_by_zero"),
        ("total + people", {}, "wrong_type"),
        ("total + none", {}, "missing_value"),
        ("gone + 1", {}, "missing_value"),
        ("people", {"decimals": 2}, "wrong_type"),
        ("none", {"decimals": 2}, "missing_value"),
        ("total", {"decimals": -1}, "too_many_decimals"),
        ("total", {"decimals": 41}, "too_many_decimals"),
        ("total", {"decimals": "2"}, "wrong_type"),
        ("total", {"distribute": 0}, "negative_count"),
        ("total", {"distribute": 10_001}, "wrong_type"),
        ("total", {"distribute": Decimal("1E+999999")}, "wrong_type"),
        ("total", {"decimals": -(10**60)}, "wrong_type"),
        ("total", {"distribute": Decimal("1.5")}, "wrong_type"),
        ("total", {"distribute": True}, "wrong_type"),
        ("total", {"distribute": ["Ada"]}, "wrong_type"),
        ("min([])", {}, "missing_value"),
        ("min(1)", {}, "wrong_type"),
    ],
)
def test_what_has_no_result_is_a_clear_error(expression, params, code):
    with pytest.raises(LanguageError) as caught:
        calculate(expression, **params)
    assert caught.value.code == code


def test_a_total_is_split_into_ten_thousand_shares():
    assert sum(calculate("total", distribute=10_000)) == SCOPE["total"]


def test_a_division_by_zero_that_is_written_out_is_refused_when_it_is_written():
    assert "division_by_zero" in {problem.code for problem in checked({"expression": "1 / 0"})}


def definition(params, **step):
    """A superpower that splits a bill and says the shares."""
    return {
        "name": "Split",
        "description": "Splits a bill",
        "completion_criteria": "Everybody knows their share",
        "escalation": {"on_empty_result": "Ask.", "on_partial_failure": "Say so."},
        "inputs": {"type": "object", "properties": {"total": {"type": "number"}, "people": {"type": "integer"}},
                   "required": ["total", "people"]},
        "triggers": [{"type": "manual", "action_id": "split"}],
        "actions": [{"id": "split", "operations": [{"type": "calculate", "output": "shares", **params, **step}],
                     "response": {"template": "{{$op.shares | join: ' + '}}"}}],
    }  # fmt: skip


def checked(params, **step):
    parsed = parse(definition(params, **step))
    return [*parsed.problems, *parsed.locate(validate(parsed.definition, CATALOGUE))]


@pytest.mark.requirement("ACT-06")
@pytest.mark.parametrize(
    "params",
    [
        {"expression": "{{inputs.total}} * 1.18", "decimals": 2, "distribute": "{{inputs.people}}"},
        {"formula": "inputs.total * 1.18", "precision": 2, "shares": "{{ inputs.people }}"},
        {"params": {"input": "{{inputs.total}} * 1.18", "decimals": 2, "distribute": "{{inputs.people}}"}},
        {"mode": "distribute", "total": "{{inputs.total}} * 1.18", "round": 2, "parts": "{{inputs.people}}"},
    ],
)
def test_an_operation_of_a_superpower_compiles_to_it_under_any_of_its_names(params):
    problems = checked(params)
    assert not has_errors(problems), problems
    plan = compile_definition(parse(definition(params)).definition, CATALOGUE)
    (step,) = plan.flows["split"].steps
    scope = {"inputs": {"total": Decimal("47.52"), "people": 4}}
    rendered = {**step.params(scope), **{name: formula(scope) for name, formula in step.expressions.items()}}
    shares = TRANSFORMS[step.op].apply(step.source(scope), rendered, None)
    assert shares == [Decimal("14.02"), Decimal("14.02"), Decimal("14.02"), Decimal("14.01")]
    response = plan.flows["split"].response({**scope, "shares": shares})
    assert response["template"] == "14.02 + 14.02 + 14.02 + 14.01"


@pytest.mark.parametrize(
    ("params", "code", "path"),
    [
        ({}, "missing_parameter", "/actions/0/operations/0"),
        ({"expression": "1 +"}, "unexpected_end", "/actions/0/operations/0/expression"),
        ({"expression": "inputs.toal + 1"}, "unknown_field", "/actions/0/operations/0/expression"),
        ({"expression": "tolal + 1"}, "not_in_scope", "/actions/0/operations/0/expression"),
        ({"expression": "1", "decimals": 41}, "out_of_range", "/actions/0/operations/0/decimals"),
        ({"expression": "1", "decimal": 2}, "unknown_parameter", "/actions/0/operations/0/decimal"),
    ],
)
def test_what_is_wrong_with_it_is_found_before_it_runs(params, code, path):
    assert (code, path) in {(problem.code, problem.path) for problem in checked(params)}


def test_it_reads_no_rows():
    steps = [{"id": "x", "transform": "calculate", "from": "{{ now }}", "params": {"expression": "1"}}]
    parsed = parse({"name": "x", "trigger": {"type": "manual"}, "actions": steps})
    found = {(problem.code, problem.path) for problem in validate(parsed.definition, CATALOGUE)}
    assert ("unknown_key", "/flows/main/steps/0/from") in found
