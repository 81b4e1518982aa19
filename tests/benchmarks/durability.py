"""What it costs to lose nothing: many runs enqueued, a run that is replayed from its journal."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import psycopg
from celery import current_app
from django.utils import timezone

from apps_engine.services.admission import Candidate, admit
from apps_engine.services.apps import create_app, current_version
from apps_engine.services.enqueue import Start, execution_of
from apps_engine.services.execute import execute
from apps_engine.services.plans import plan_of
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import rewarding
from tests.benchmarks.measure import faster, judge, medians, seconds

ITEMS = 1_000
AT_ONCE = 500


def durability(owner: psycopg.Connection, tenant: Tenant, principal: Principal) -> None:
    """Against apply_async, and against the clock."""
    owner.execute("ANALYZE")
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(once_per="{{ run.id }}:{{ member.id }}"), "name": "Durable"})
        singly = create_app(principal, {**_one_by_one(), "name": "One by one"})
    numbers = itertools.count()
    enqueued = medians({"floor": _sent, "ours": lambda: enqueued_in(tenant, app, next(numbers))})
    faster("Enqueueing a run, of 500 at once, against apply_async", enqueued, must=10, goal=20)
    runs = {"in chunks": done_run(tenant, principal, app), "item by item": done_run(tenant, principal, singly)}
    replayed = medians({name: partial(replayed_in, owner, run) for name, run in runs.items()})
    print()
    for name, took in replayed.items():
        judge(
            f"Replaying a run of 1,000 items that is done, which went {name}", took * 1e3, must=50, goal=10, unit="ms"
        )


def _one_by_one() -> dict[str, Any]:
    """A branch in the body lets its items go one by one, each with entries of its own in the journal."""
    made = rewarding()
    loop = made["flows"]["main"]["steps"][1]
    loop["steps"] = [{"branch": [{"when": "member.id > 0", "steps": loop["steps"]}]}]
    return made


def done_run(tenant: Tenant, principal: Principal, app: App) -> int:
    with tenant_scope(tenant.pk):
        run: int = run_app(principal, app.pk).pk
    (claimed,) = claim("bench", 1, [run])
    assert execute(claimed) == "succeeded"
    return run


def _sent() -> float:
    def send() -> None:
        for number in range(AT_ONCE):
            current_app.send_task("bench.nobody", args=[number], queue="bench")

    return seconds(send) / AT_ONCE


def enqueued_in(tenant: Tenant, app: App, number: int) -> float:
    """With their rows, their quota and one commit; for the far future, so that nobody runs them."""
    far = timezone.now().replace(year=2999)

    def enqueue() -> None:
        with tenant_scope(tenant.pk):
            version = current_version(app).pk
            plan = plan_of(version)
            starts = [Start(plan.triggers[0], f"bench:{number}:{item}", far) for item in range(AT_ONCE)]
            made = admit([Candidate(execution_of(app.pk, version, plan, start), plan.on_quota) for start in starts])
            assert len(made.ids) == AT_ONCE

    return seconds(enqueue) / AT_ONCE


def replayed_in(owner: psycopg.Connection, run: int) -> float:
    booked = "SELECT count(*), sum(amount) FROM community_xpentry"
    before = owner.execute(booked).fetchone()
    owner.execute("UPDATE engine_execution SET state = 'queued', run_at = now() WHERE id = %s", [run])
    (claimed,) = claim("bench", 1, [run])
    took = seconds(lambda: execute(claimed))
    state = owner.execute("SELECT state FROM engine_execution WHERE id = %s", [run]).fetchone()
    assert state == ("succeeded",)
    assert owner.execute(booked).fetchone() == before, "nothing is done again"
    return took
