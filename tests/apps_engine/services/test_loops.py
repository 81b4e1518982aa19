"""Loops with the real actions: rows, claims and events by chunks are those of item by item; what a replay reads."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.engine.journal import Journal
from apps_engine.services.runs import run_app
from apps_engine.store.journal import read_entries
from apps_engine.store.models import Effect, Execution, StepResult
from decommerce.community.models import Member, Notification, OutboxEvent, Post, XpEntry
from decommerce.community.services.members import NewMember, join_many
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

# Asked after every item, and never holding: such a loop goes item by item.
ONE_BY_ONE = {"until": "loop.number < 0"}
BODY: list[dict[str, Any]] = [
    {
        "id": "award",
        "act": "award_xp",
        "params": {
            "member_id": "{{ member.id }}",
            "amount": "{{ loop.number * 60 }}",
            "reason": "No. {{ loop.number }}",
        },
        "once_per": "{{ member.country }}",
    },
    {
        "id": "post",
        "act": "create_post",
        "params": {"body": "{{ member.display_name }} has {{ award.total | default: 'no' }} XP"},
        "when": "loop.index % 2 == 0",
    },
    {
        "act": "send_notification",
        "params": {"to": "{{ member.id }}", "title": "{{ loop.number }} of {{ loop.length }}", "body": "{{ today }}"},
    },
    {
        "act": "update_user",
        "params": {"member_id": "{{ member.id }}", "location": "Wrote {{ post.created | default: 'no' }}"},
    },
]


def looped(body: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Over the members, in order."""
    fields = ["id", "display_name", "country"]
    return definition(
        [
            {"id": "members", "fetch": "users", "fields": fields, "order_by": ["id"], "limit": 100},
            {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": body, **more},
        ]
    )


@pytest.fixture
def people(tenant, other_tenant):
    """Seven members in each community, two of whom share a country."""
    for each in (tenant, other_tenant):
        with tenant_scope(each.pk):
            join_many(
                [NewMember(f"Member {n}", f"p{n}@{each.slug}.example", ("CH", "AT")[n % 2] if n < 4 else f"X{n}")
                 for n in range(7)]
            )  # fmt: skip


def left_behind(tenant_id: int) -> dict[str, Any]:
    """What a run leaves in its community, with nothing in it that tells one community from another."""
    with tenant_scope(tenant_id):
        names = {member.pk: member.display_name for member in Member.objects.all()}
        return {
            "members": sorted(Member.objects.values_list("display_name", "xp", "level", "location")),
            "bookings": sorted(
                (names[pk], *rest) for pk, *rest in XpEntry.objects.values_list("member_id", "amount", "reason")
            ),
            "posts": sorted(Post.objects.values_list("body", flat=True)),
            "told": sorted((names[pk], *rest) for pk, *rest in Notification.objects.values_list("member_id", "title")),
            "claims": sorted(key.split(":", 2)[2] for key in Effect.objects.values_list("idem_key", flat=True)),
            "events": sorted(
                (event["type"], event["data"].get("member", event["data"].get("author"))["display_name"])
                for event in OutboxEvent.objects.values_list("envelope", flat=True)
            ),
        }


@pytest.mark.requirement("ACT-03")
@pytest.mark.usefixtures("people")
def test_a_loop_by_chunks_leaves_the_rows_claims_and_events_that_it_leaves_item_by_item(tenant, other_tenant):
    for community, more in ((tenant, {}), (other_tenant, ONE_BY_ONE)):
        who = system_principal(community.pk, "the test")
        with tenant_scope(community.pk):
            run = run_app(who, create_app(who, looped(BODY, **more)).pk).pk
        state = run_now(run)
        with tenant_scope(community.pk):
            assert state == "succeeded", Execution.objects.get(pk=run).error
    chunks, singly = left_behind(tenant.pk), left_behind(other_tenant.pk)
    assert chunks == singly
    assert [len(chunks[name]) for name in ("bookings", "posts", "told", "claims")] == [5, 4, 7, 5]


@pytest.fixture
def replayed(tenant, principal, people, owner_connection):
    """Runs a loop to its end and once more, as after a crash before the end was written; returns the run."""

    def run(**more: Any) -> int:
        with tenant_scope(tenant.pk):
            run: int = run_app(principal, create_app(principal, looped(BODY, **more)).pk).pk
        assert run_now(run) == "succeeded"
        before = left_behind(tenant.pk)
        owner_connection.execute("UPDATE engine_execution SET state = 'queued' WHERE id = %s", [run])
        assert run_now(run) == "succeeded"
        assert left_behind(tenant.pk) == before
        return run

    return run


@pytest.mark.requirement("RUN-04")
@pytest.mark.parametrize("more", [{}, ONE_BY_ONE], ids=["by chunks", "item by item"])
def test_a_run_that_is_done_does_nothing_again_and_does_not_read_its_items(tenant, replayed, more):
    run = replayed(**more)
    with tenant_scope(tenant.pk):
        entries, behind = read_entries(run, items=False)
        whole, nothing = read_entries(run, items=True)
        assert len(whole) == StepResult.objects.filter(execution_id=run).count()
        assert Execution.objects.get(pk=run).attempt == 2
    assert [entry.path for entry in entries] == ["main/members", "main/everyone"]
    assert (behind.acted, nothing.acted, nothing.characters) == (True, False, 0)
    all_of_it = Journal(whole).characters
    assert all_of_it / 4 < Journal(entries, behind).characters <= all_of_it
    assert Journal(entries, behind).acted


@pytest.mark.requirement("RUN-04")
def test_of_a_loop_that_failed_in_the_middle_every_item_is_read(tenant, principal, people):
    body = [
        {**BODY[0], "id": "award"},
        {"act": "create_post", "params": {"body": "A {{ 10 / (member.id - award.member_id) }}"}},
    ]
    with tenant_scope(tenant.pk):
        run = run_app(principal, create_app(principal, looped(body, **ONE_BY_ONE)).pk).pk
    assert run_now(run) == "failed"
    with tenant_scope(tenant.pk):
        entries, behind = read_entries(run, items=False)
    assert [(entry.path, entry.status) for entry in entries] == [
        ("main/members", "done"),
        ("main/everyone[0]/award", "done"),
        ("main/everyone[0]/act2", "failed"),
    ]
    assert (behind.acted, behind.characters) == (False, 0)
