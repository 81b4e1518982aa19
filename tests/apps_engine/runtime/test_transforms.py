"""Steps that work out a value, run by the loop: what later steps see, and what the journal keeps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, entry, run_flow
from tests.apps_engine.runtime.test_run import plan, tell

ORDERS = [{"id": 1, "xp": 30, "name": "tea"}, {"id": 2, "xp": 12, "name": "a cake & more"}]
FETCH = {"id": "orders", "fetch": "users", "limit": 5}


@pytest.mark.requirement("LNG-04")
def test_a_bill_is_summed_split_and_linked():
    steps = [
        FETCH,
        {"id": "bill", "transform": "calculate", "params": {"expression": "sum({{ orders | pluck: 'xp' }}) + 5.50"}},
        {
            "id": "shares",
            "transform": "calculate",
            "params": {"expression": "{{ bill }}", "distribute": "{{ orders | length | to_number }}"},
        },
        {
            "id": "link",
            "transform": "build_url",
            "params": {
                "url": "https://venmo.com",
                "query": {"amount": "{{ shares[0] }}", "note": "{{ orders[1].name }}"},
            },
        },
        tell("{{ bill }}: {{ link }}"),
    ]
    world, journal = World(ORDERS), Journal()
    assert run_flow(plan(steps), world, journal).status == "succeeded"
    assert world.done == [("tell", {"text": "47.50: https://venmo.com?amount=23.75&note=a%20cake%20%26%20more"})]
    assert entry(journal, "main/shares").output == [Decimal("23.75")] * 2
    assert entry(journal, "main/shares").input["params"] == {"expression": Decimal("47.50"), "distribute": 2}


@pytest.mark.requirement("PIP-04")
def test_rows_are_reshaped_by_formulas_that_read_the_row_and_the_steps_around():
    fields = {"label": "name | title", "share": "xp / (orders | sum: 'xp') * 100 | round: 1"}
    steps = [FETCH, {"id": "rows", "transform": "map", "from": "{{ orders }}", "params": {"fields": fields}}]
    journal = Journal()
    run_flow(plan(steps), World(ORDERS), journal)
    assert entry(journal, "main/rows").output == [
        {"label": "Tea", "share": Decimal("71.4")},
        {"label": "A Cake & More", "share": Decimal("28.6")},
    ]


@pytest.mark.requirement("LNG-04")
def test_a_division_by_zero_fails_its_step_with_a_clear_error():
    steps = [FETCH, {"id": "mean", "transform": "calculate", "params": {"expression": "10 / len(orders)"}}, tell("x")]
    world, journal = World([]), Journal()
    outcome = run_flow(plan(steps), world, journal)
    assert (outcome.status, outcome.path, outcome.error["code"]) == ("failed", "main/mean", "division_by_zero")
    assert outcome.error["message"] == "A division by zero has no result."
    assert world.done == []
