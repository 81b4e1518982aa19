"""What one run may use, by profile: taken at the limit and refused one past it (RUN-02)."""

from __future__ import annotations

import pytest

from apps_engine.language.limits import PROFILES, bound_limits, limit
from apps_engine.runtime.errors import DeadlineReached, LimitReached
from apps_engine.runtime.meter import Meter
from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, entry, run_flow
from tests.apps_engine.runtime.test_run import looped, plan, tell

pytestmark = pytest.mark.requirement("RUN-02")

SUPERPOWER = {
    "profile": "superpower",
    "completion_criteria": "Done",
    "escalation": {"on_empty_result": "Say so.", "on_partial_failure": "Say so."},
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("name", "resource"), [("emails", "email"), ("ai_calls", "ai"), ("messages", "message")])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_run_uses_as_much_as_its_limit_and_not_one_more(profile, name, resource, at_once):
    most = limit(profile, name)
    meter = Meter(bound_limits(profile), {})
    for amount in [most or 10_000] if at_once else [1] * (most or 10_000):
        meter.spend(resource, amount)
    if most is None:
        assert meter.left(resource) is None
        return
    assert (meter.usage, meter.left(resource)) == ({resource: most}, 0)
    with pytest.raises(LimitReached) as refusal:
        meter.spend(resource, 1)
    assert refusal.value.code == f"limit_{resource}"
    assert str(most) in refusal.value.message


@pytest.mark.parametrize("profile", PROFILES)
def test_a_run_may_last_as_long_as_its_limit_and_no_longer(profile):
    seconds = limit(profile, "seconds")
    meter = Meter(bound_limits(profile), {})
    meter.check_deadline(float(seconds))
    with pytest.raises(DeadlineReached):
        meter.check_deadline(seconds + 0.001)


@pytest.mark.parametrize(("profile", "most"), [("automation", 1_000), ("superpower", 100)])
@pytest.mark.parametrize("past", [0, 1])
def test_a_loop_handles_as_many_items_as_its_limit_and_says_what_it_left_out(profile, most, past):
    assert limit(profile, "items_per_loop") == most
    world, journal = World([{"id": n, "xp": 0, "name": "m"} for n in range(most + past)]), Journal()
    steps = looped(tell("{{ member.name }}"))
    steps[0]["limit"] = 2_000
    run_flow(plan(steps, **(SUPERPOWER if profile == "superpower" else {})), world, journal)
    assert len(world.done) == most
    assert entry(journal, "main/loop").output.get("limited", {}).get("left_out", 0) == past


@pytest.mark.parametrize(("asked", "read"), [(10_000, 10_000), (10_001, 10_000)])
def test_a_fetch_reads_ten_thousand_rows_at_most(asked, read):
    world = World()
    run_flow(plan([{"id": "rows", "fetch": "users", "limit": f"{{{{ {asked} }}}}"}]), world)
    assert [query.limit for query in world.queries] == [read]


@pytest.mark.parametrize(("days", "status"), [(366, "suspended"), (366 + 1 / 86_400, "failed")])
def test_a_pause_lasts_a_year_at_most(days, status):
    outcome = run_flow(plan([{"pause": {"for": round(days * 86_400)}}]), World())
    assert outcome.status == status
    assert status == "suspended" or outcome.error["code"] == "limit_pause"
