"""What an app remembers: seen at once, kept with the run's own commits, lost and doubled by nobody (RUN-09)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_engine.services.apps import create_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.dry_run import dry_run
from apps_engine.services.execute import execute
from apps_engine.services.runs import get_run, run_app
from apps_engine.services.straight import may_batch
from apps_engine.store.batches import claim_line, lines
from apps_engine.store.claims import claim
from apps_engine.store.models import App, AppState, Execution, StepResult
from apps_engine.store.state import MOST_BYTES, StateTooLarge, merge_state, read_state
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("RUN-09")

PARALLEL = {"concurrency": {"mode": "parallel"}}


def remember(step_id: str = "note", **data: Any) -> dict[str, Any]:
    """A step that sets keys of the state."""
    return {"id": step_id, "act": "state_update", "params": {"data": data}}


def tell(title: str, **more: Any) -> dict[str, Any]:
    """A step that leaves a line in everyone's inbox."""
    return {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": title}, **more}


def counting(**more: Any) -> dict[str, Any]:
    """Counts its runs and says the number."""
    flow = {
        "steps": [remember(runs="{{ (state.runs | default: 0) + 1 }}")],
        "response": {"template": "Run {{ $state.runs }}"},
    }
    return definition([], flows={"main": flow}, **more)


def titles(tenant: Any) -> list[str]:
    with tenant_scope(tenant.pk):
        return sorted(Notification.objects.values_list("title", flat=True).distinct())


def result_of(tenant: Any, run: int) -> Any:
    with tenant_scope(tenant.pk):
        return Execution.objects.get(pk=run).result


@pytest.fixture
def start(tenant, principal):
    """Store a definition, once, and queue a run of it; its number."""
    apps: dict[str, App] = {}

    def start_one(source: dict[str, Any]) -> int:
        with tenant_scope(tenant.pk):
            app = apps.get(source["name"]) or apps.setdefault(source["name"], create_app(principal, source))
            return run_app(principal, app.pk).pk

    return start_one


def test_a_run_finds_what_the_last_one_left(tenant, start):
    for number in (1, 2, 3):
        run = start(counting())
        assert run_now(run) == "succeeded"
        assert result_of(tenant, run)["template"] == f"Run {number}"


def test_later_steps_see_a_change_at_once_in_loops_and_under_both_names(tenant, members, start):
    steps = [
        {"id": "people", "fetch": "users", "fields": ["id"], "limit": 10},
        {
            "id": "each_one",
            "each": "{{ people }}",
            "as": "person",
            "steps": [
                remember(seen="{{ (state.seen | default: 0) + 1 }}"),
                {
                    "id": "hello",
                    "act": "send_notification",
                    "params": {"to": "{{ person.id }}", "title": "Number {{ note.state.seen }} of {{ $state.seen }}"},
                },
            ],
        },
        tell("{{ $state.seen }} in all"),
    ]
    run = start(definition(steps))
    assert run_now(run) == "succeeded"
    assert titles(tenant) == ["3 in all", "Number 1 of 1", "Number 2 of 2", "Number 3 of 3"]


def test_a_loop_may_end_by_what_it_remembers(tenant, members, start):
    loop = {
        "id": "search",
        "each": "{{ people }}",
        "as": "person",
        "until": "state.found == person.id",
        "steps": [remember(found="{{ person.id }}")],
    }
    run = start(definition([{"id": "people", "fetch": "users", "fields": ["id"], "limit": 10}, loop]))
    assert run_now(run) == "succeeded"
    with tenant_scope(tenant.pk):
        assert AppState.objects.get().data == {"found": members[0].pk}


def test_an_attempt_that_goes_on_sees_the_state_as_the_run_began_and_what_it_did_since(tenant, members, start):
    steps = [
        {"id": "choice", "branch": [
            {"when": "(state.n | default: 0) == 0", "steps": [remember(n=1), {"id": "wait", "pause": {"for": "1s"}}]},
            {"steps": [tell("The wrong arm", id="wrong")]},
        ]},
        {"id": "twice", "each": [1, 2], "as": "item", "steps": [remember("inner", n="{{ state.n + item }}")]},
        {"id": "again", "pause": {"for": "1s"}},
        tell("n is {{ state.n }}, other is {{ state.other | default: 'unknown' }}"),
    ]  # fmt: skip
    run = start(definition(steps))
    assert run_now(run) == "queued"
    with tenant_scope(tenant.pk):
        app = App.objects.get()
        # Somebody else's run of the app in the meantime.
        merge_state(app.pk, "", {"n": 100, "other": "theirs"})
        Execution.objects.filter(pk=run).update(run_at="2020-01-01T00:00:00Z")
    assert run_now(run) == "queued"
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run).update(run_at="2020-01-01T00:00:00Z")
    assert run_now(run) == "succeeded"
    assert titles(tenant) == ["n is 4, other is unknown"]
    with tenant_scope(tenant.pk):
        assert read_state(app.pk, "") == {"n": 4, "other": "theirs"}


def test_runs_at_the_same_time_lose_nothing_of_each_others_keys(tenant, start):
    pair = definition(
        [{"id": "w", "pause": {"for": "1s"}}, remember(last="{{ run.id }}")], settings=PARALLEL, name="Two"
    )
    first, second = start(pair), start(pair)
    assert [run_now(first), run_now(second)] == ["queued", "queued"]
    with tenant_scope(tenant.pk):
        app_id = Execution.objects.get(pk=first).app_id
        merge_state(app_id, "", {"theirs": True})
        Execution.objects.filter(pk__in=[first, second]).update(run_at="2020-01-01T00:00:00Z")
    assert [run_now(second), run_now(first)] == ["succeeded", "succeeded"]
    with tenant_scope(tenant.pk):
        assert read_state(app_id, "") == {"theirs": True, "last": first}


@pytest.mark.requirement("RUN-01")
def test_a_worker_that_lost_its_lease_changes_no_state(tenant, start, owner_connection):
    run = start(counting())
    (frozen,) = claim("frozen", 1, [run])
    owner_connection.execute("UPDATE engine_execution SET fence = fence + 1 WHERE id = %s", [run])
    assert execute(frozen) == "lease_lost"
    with tenant_scope(tenant.pk):
        assert not AppState.objects.exists()


def test_what_a_failing_step_undoes_is_forgotten_too(tenant, start):
    """The state of a failed run is what its committed steps left: each step is a savepoint."""
    steps = [remember("first", a=1), remember("second", b="{{ state.missing }}")]
    assert run_now(start(definition(steps))) == "failed"
    with tenant_scope(tenant.pk):
        assert AppState.objects.get().data == {"a": 1}


@pytest.mark.parametrize(("room", "state"), [(0, "succeeded"), (1, "failed")])
def test_sixty_four_kibibytes_may_be_remembered_and_not_one_more(tenant, principal, start, room, state):
    text = "x" * (MOST_BYTES - len('{"text":""}') + room)
    keeping = definition(
        [remember(text="{{ inputs.text }}")],
        inputs={"type": "object", "properties": {"text": {"type": "string", "default": text}}},
    )
    run = start(keeping)
    assert run_now(run) == state
    with tenant_scope(tenant.pk):
        assert AppState.objects.count() == (1 if state == "succeeded" else 0)
        error = get_run(principal, run).error
    assert error is None if state == "succeeded" else error["code"] == "state_too_large"


def test_what_is_too_much_together_is_refused_whoever_wrote_the_rest(scope, principal):
    app = create_app(principal, counting())
    merge_state(app.pk, "", {"a": "x" * 40_000})
    with pytest.raises(StateTooLarge, match="65,536"):
        merge_state(app.pk, "", {"b": "é" * 20_000})


@pytest.mark.requirement("RUN-04")
def test_runs_that_only_read_are_run_together_and_see_it_as_it_was_when_they_began(tenant, members, start):
    source = definition([tell("{{ state.word | default: 'nothing' }}")], settings=PARALLEL)
    runs = [start(source) for _ in range(2)]
    with tenant_scope(tenant.pk):
        merge_state(Execution.objects.get(pk=runs[0]).app_id, "", {"word": "first"})
    (line,) = lines(runs)
    batch = claim_line("worker", line, 10)
    assert may_batch(line)
    with CaptureQueriesContext(connection) as asked:
        assert execute_batch(batch) == []
    assert len([query for query in asked if "engine_appstate" in query["sql"]]) == 1
    assert titles(tenant) == ["first"]
    with tenant_scope(tenant.pk):
        assert set(Execution.objects.values_list("state", "attempt")) == {("succeeded", 1)}


def test_money_stays_exact(tenant, members, start):
    run = start(definition([remember(total="{{ 0.10 + 0.20 }}"), tell("Total {{ state.total }}")]))
    assert run_now(run) == "succeeded"
    with tenant_scope(tenant.pk):
        assert AppState.objects.get().data == {"total": Decimal("0.30")}
    assert titles(tenant) == ["Total 0.30"]


def test_a_dry_run_sees_the_state_and_changes_none(tenant, principal, start):
    assert run_now(start(counting())) == "succeeded"
    with tenant_scope(tenant.pk):
        app = App.objects.get()
        for _ in range(2):
            assert dry_run(principal, app.pk).as_dict()["result"]["template"] == "Run 2"
        assert dry_run(principal, counting(version="2")).as_dict()["result"]["template"] == "Run 1"
        assert AppState.objects.get().data == {"runs": 1}


def test_an_app_that_remembers_nothing_asks_for_nothing(tenant, members, start):
    run = start(definition([tell("Run {{ run.id }}")]))
    with CaptureQueriesContext(connection) as queries:
        assert run_now(run) == "succeeded"
    assert not [query for query in queries if "engine_appstate" in query["sql"]]
    with tenant_scope(tenant.pk):
        assert Execution.objects.get(pk=run).began_with is None


@pytest.mark.requirement("SEC-01")
def test_no_tenant_sees_or_changes_what_another_tenants_app_remembers(tenant, other_tenant, start):
    assert run_now(start(counting())) == "succeeded"
    with tenant_scope(tenant.pk):
        app_id = App.objects.get().pk
    with tenant_scope(other_tenant.pk):
        assert read_state(app_id, "") == {}
        assert not AppState.objects.exists()


def test_the_journal_keeps_the_change_and_not_the_whole_state(tenant, start):
    assert run_now(start(definition([remember("a", big="x" * 1000), remember("b", small=1)]))) == "succeeded"
    with tenant_scope(tenant.pk):
        assert StepResult.objects.get(path="main/b").output == {"state": {"small": 1}}
