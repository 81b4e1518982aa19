"""What it costs to lose nothing: a loop with claims, many runs enqueued, a run that is replayed from its journal."""

from __future__ import annotations

import itertools

import psycopg
from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps_engine.services.admission import Candidate, admit
from apps_engine.services.apps import create_app, current_version
from apps_engine.services.definitions import plan_of
from apps_engine.services.enqueue import Start, execution_of
from apps_engine.services.execute import execute
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from apps_engine.store.models import App, Effect, Execution
from decommerce.community.models import Member, XpEntry
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import rewarding
from tests.benchmarks.measure import judged, medians, seconds

ITEMS = 1_000
AT_ONCE = 500
ROUNDS = 3


def durability(owner: psycopg.Connection, tenant: Tenant, principal: Principal) -> None:
    """Against the plain ORM, against apply_async, and against the clock."""
    with tenant_scope(tenant.pk):
        definition = {**rewarding(once_per="{{ run.id }}:{{ member.id }}"), "name": "Durable"}
        app = create_app(principal, definition)
    numbers = itertools.count()
    looped = medians(
        {"floor": lambda: _plain(tenant, next(numbers)) / ITEMS, "ours": lambda: _ours(tenant, principal, app) / ITEMS},
        ROUNDS,
    )
    judged("A loop of 1,000 items with claims, per item (must 150 us, goal 80 us)", looped, must=15, goal=30)
    enqueued = medians({"floor": _sent, "ours": lambda: _enqueued(tenant, app, next(numbers))}, ROUNDS)
    judged("Enqueueing a run, of 500 at once, against apply_async", enqueued, must=10, goal=20)
    replayed = min(_replayed(owner, tenant) for _ in range(ROUNDS))
    print(f"\nReplaying a run of 1,000 items that is done: {replayed * 1e3:.1f} ms (must 50 ms, goal 10 ms)")


def _plain(tenant: Tenant, number: int) -> float:
    """Each item in a transaction of its own: its claim, its booking and its sum."""
    with tenant_scope(tenant.pk):
        run = Execution.objects.order_by("-pk").values_list("pk", flat=True).first()
        members = list(Member.objects.values_list("pk", flat=True)[:ITEMS])

    def loop() -> None:
        for member in members:
            key, now = f"plain:{number}:{member}", timezone.now()
            with tenant_scope(tenant.pk), transaction.atomic():
                Effect.objects.create(idem_key=key, execution_id=run, path="plain", action="award_xp", fence=1)
                XpEntry.objects.create(member_id=member, amount=5, reason="Thanks", idem_key=key, created_at=now)
                Member.objects.filter(pk=member).update(xp=F("xp") + 5)

    return seconds(loop)


def _ours(tenant: Tenant, principal: Principal, app: App) -> float:
    with tenant_scope(tenant.pk):
        run = run_app(principal, app.pk)
        booked = XpEntry.objects.count()
    (claimed,) = claim("bench", 1, [run.pk])
    took = seconds(lambda: execute(claimed))
    with tenant_scope(tenant.pk):
        assert XpEntry.objects.count() == booked + ITEMS
    return took


def _sent() -> float:
    def send() -> None:
        for number in range(AT_ONCE):
            current_app.send_task("bench.nobody", args=[number], queue="bench")

    return seconds(send) / AT_ONCE


def _enqueued(tenant: Tenant, app: App, number: int) -> float:
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


def _replayed(owner: psycopg.Connection, tenant: Tenant) -> float:
    with tenant_scope(tenant.pk):
        run = Execution.objects.filter(state="succeeded", items=ITEMS).order_by("-pk").first().pk
    owner.execute("UPDATE engine_execution SET state = 'queued', run_at = now() WHERE id = %s", [run])
    (claimed,) = claim("bench", 1, [run])
    return seconds(lambda: execute(claimed))
