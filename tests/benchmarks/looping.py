"""Loops of a thousand items: against the same rows written one by one with plain ORM, and of one action or another."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from django.db import transaction
from django.utils import timezone

from apps_engine.services.apps import create_app
from apps_engine.services.execute import execute
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from apps_engine.store.models import App, Effect, Execution
from decommerce.community.models import Member, Notification, OutboundMessage, OutboxEvent, Post, XpEntry
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import definition, rewarding
from tests.benchmarks.measure import faster, judge, medians, seconds

ITEMS = 1_000
# What one run may write.
EMAILS = 500
ONCE = "{{ run.id }}:{{ member.id }}"
# Of each action: what it is given for a member, and what a call leaves behind.
ACTIONS: dict[str, tuple[dict[str, Any], type[Any]]] = {
    "award_xp": ({"member_id": "{{ member.id }}", "amount": 5, "reason": "Thanks"}, XpEntry),
    "create_post": ({"body": "Welcome, {{ member.display_name }}!", "author_id": "{{ member.id }}"}, Post),
    "send_email": ({"to": "{{ member.id }}", "subject": "Hi", "body": "Hi {{ member.display_name }}"}, OutboundMessage),
    "send_notification": ({"to": "{{ member.id }}", "title": "Hi {{ member.display_name }}"}, Notification),
    "update_user": ({"member_id": "{{ member.id }}", "location": "Run {{ run.id }}"}, Member),
}


def loops(owner: psycopg.Connection, tenant: Tenant, principal: Principal) -> None:
    """The claim is that of `once_per`; both variants leave the same claims, bookings, sums and events."""
    # As the database does by itself before a community is a minute old; without it, no plan is what it will be.
    owner.execute("ANALYZE")
    numbers = itertools.count()
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(once_per=ONCE), "name": "Durable"})
    found = medians(
        {
            "floor": lambda: checked(tenant, lambda: _plain(tenant, next(numbers))) / ITEMS,
            "ours": lambda: checked(tenant, loop_run(tenant, principal, app)) / ITEMS,
        }
    )
    faster("A loop of 1,000 items with claims, per item", found, must=15, goal=30)
    judge("The same loop, per item", found["ours"] * 1e6, must=150, goal=80, unit="us")
    for name, took in medians({name: _action(tenant, principal, name) for name in ACTIONS}).items():
        print(f"  {name + ' for each, with its claim':<58}{took * 1e6:>12,.1f} us")


def _action(tenant: Tenant, principal: Principal, name: str) -> Callable[[], float]:
    """Per item of a loop that performs the action."""
    params, _ = ACTIONS[name]
    items = EMAILS if name == "send_email" else ITEMS
    steps = [
        {"id": "members", "fetch": "users", "fields": ["id", "display_name"], "limit": items},
        {"each": "{{ members }}", "as": "member", "steps": [{"act": name, "params": params, "once_per": ONCE}]},
    ]
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**definition(steps), "name": f"Loop: {name}"})
    return lambda: _left(tenant, name, items, loop_run(tenant, principal, app)) / items


def _left(tenant: Tenant, name: str, items: int, work: Callable[[], object]) -> float:
    """How long it takes; every item has left its row."""
    model = ACTIONS[name][1]

    def count() -> int:
        with tenant_scope(tenant.pk):
            return int(model.objects.count())

    before = count()
    took = seconds(work)
    with tenant_scope(tenant.pk):
        newest = Execution.objects.order_by("-pk").values_list("pk", flat=True).first()
        changed = Member.objects.filter(location=f"Run {newest}").count()
    assert (changed if model is Member else count() - before) == items
    return took


def checked(tenant: Tenant, work: Callable[[], object]) -> float:
    """How long it takes; a claim, a booking and an event of each item, and its sum, are there."""

    def counts() -> tuple[int, ...]:
        with tenant_scope(tenant.pk):
            sums = sum(Member.objects.values_list("xp", flat=True)) // 5
            return (Effect.objects.count(), XpEntry.objects.count(), OutboxEvent.objects.count(), sums)

    before = counts()
    took = seconds(work)
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [ITEMS] * 4
    return took


def loop_run(tenant: Tenant, principal: Principal, app: App) -> Callable[[], object]:
    with tenant_scope(tenant.pk):
        run = run_app(principal, app.pk)
    (claimed,) = claim("bench", 1, [run.pk])
    return partial(execute, claimed)


def _plain(tenant: Tenant, number: int) -> None:
    """Each item in a transaction of its own, as one writes it by hand: claim, member, booking, sum, event."""
    with tenant_scope(tenant.pk):
        run = Execution.objects.order_by("-pk").values_list("pk", flat=True).first()
        members = list(Member.objects.order_by("pk").values_list("pk", flat=True)[:ITEMS])
    for pk in members:
        key, now = f"plain:{number}:{pk}", timezone.now()
        with tenant_scope(tenant.pk), transaction.atomic():
            Effect.objects.create(idem_key=key, execution_id=run, path="plain", action="award_xp", fence=1)
            member = Member.objects.select_for_update().get(pk=pk)
            XpEntry.objects.create(member=member, amount=5, reason="Thanks", idem_key=key, created_at=now)
            member.xp += 5
            member.save(update_fields=["xp"])
            person = {"id": pk, "display_name": member.display_name, "email": member.email}
            OutboxEvent.objects.create(event_id=key, envelope={"type": "xp.awarded", "data": {"member": person}})
