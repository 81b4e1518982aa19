"""Hostile documents within the size cap are judged in little time (SEC-03)."""

import time

import pytest

from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("SEC-03")

# Each of these took half a minute or more, or ended in an exception, when it was found. A tenth of that is plenty.
SECONDS = 6.0
ACT = {"act": "create_post", "params": {"title": "a", "body": "b"}}


def app(*steps, **definition):
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Hostile",
        "triggers": [{"id": "t", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": list(steps)}},
        **definition,
    }


def chain(transform, params):
    return [
        {"id": f"a{n}", "transform": transform, "from": f"{{{{a{n - 1}}}}}", "params": params(n)}
        for n in range(1, 1_800)
    ]


def remember(key, other):
    return {"act": "state_update", "params": {"data": {key: f"{{{{state.{other}}}}}"}}}


ROWS = {"id": "a0", "fetch": "users"}
TASK = {"act": "schedule_task", "params": {"flow": "{{x}}", "delay": 1}}
CLOCK = {"type": "scheduled", "cron": "0 9 * * *", "flow": "main"}
MIXED = " or ".join(["m.xp == trigger.x"] * 200)
DOCUMENTS = {
    "flows": app(flows={f"f{n:x}": {} for n in range(14_000)}),
    "flows and triggers": app(
        flows={f"f{n:x}": {} for n in range(5_000)},
        triggers=[{"flow": f"f{n:x}", "type": "event", "event": f"e{n}"} for n in range(2_500)],
    ),
    "arms": app(
        {"branch": [{"steps": [{"id": "a", "act": "x"}]} for _ in range(5_000)]},
        *[{"act": "y", "params": {"a": "{{a.b}}"}} for _ in range(500)],
    ),
    "distinct items of mixed types": app(tags=[{"a": n} if n % 2 else n for n in range(14_000)]),
    "strange keys": app(**{f"k{n:x}": 1 for n in range(20_000)}),
    "strange fields": app({"fetch": "users", "fields": [f"k{n:x}" for n in range(20_000)]}),
    "groups of groups": app(ROWS, *chain("group", lambda n: {"by": ["xp"]}), {**ACT, "when": "{{ a1799 }}"}),
    "ever wider rows": app(ROWS, *chain("merge", lambda n: {"with": "{{a0}}", "on": "id", "as": f"b{n}"})),
    "filters of wide rows": app(ROWS, *chain("filter", lambda n: {"where": {f"nope{n}": 1}})),
    "ever wider rows that members pick": app(
        ROWS, *chain("merge", lambda n: {"with": "{{a0}}", "on": "display_name", "as": f"b{n}"})
    ),
    "state from state": app(*[remember(f"k{n}", f"k{n - 1}") for n in range(2_500)]),
    "state from later state": app(*[remember(f"k{n}", f"k{n - 1}") for n in range(2_000, 0, -1)]),
    "tasks of any flow": app(flows={f"f{n:x}": {"steps": [TASK]} for n in range(1_500)}),
    "schedules": app(profile="superpower", triggers=[{**CLOCK, "id": f"t{n}"} for n in range(2_500)]),
    "conditions over items": app(ROWS, {"each": "{{a0}}", "as": "m", "steps": [{**ACT, "when": MIXED}] * 20}),
    "missing names": app(*[{"id": f"a{n}", "act": "q", "params": {"t": "{{nope}}"}} for n in range(4_000)]),
    "steps": app(*[ACT] * 3_000),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_judged_in_little_time(name):
    parsed = parse(DOCUMENTS[name])
    assert parsed.definition is not None, parsed.problems
    began = time.process_time()
    assert parsed.locate(validate(parsed.definition, CATALOGUE))
    assert time.process_time() - began < SECONDS
