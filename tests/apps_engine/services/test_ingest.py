"""Events in: matched, deduplicated, refused with reasons (TRG-02, TRG-08, TRG-11, TRG-12)."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_engine.services.apps import create_app, pause_app
from apps_engine.services.ingest import ingest
from apps_engine.services.verdicts import why_not
from apps_engine.store.models import Decision, EventInbox, Execution, Subscription
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Flag, OutboxEvent, Post
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.running import run_now


def event(tenant: Any, length: int = 10, **more: Any) -> dict[str, Any]:
    """A `post.created` as the community service publishes it."""
    data = copy.deepcopy(dict(EVENTS["post.created"].sample))
    data["post"]["body_length"] = length
    data["post"]["id"] = more.pop("post_id", data["post"]["id"])
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": f"/tenants/{tenant.slug}/community",
        "type": "post.created",
        "time": "2026-11-21T09:00:00Z",
        "tenantid": tenant.slug,
        "data": data,
        **more,
    }


@pytest.fixture
def app(tenant, principal):
    """An active app that flags short posts."""
    with tenant_scope(tenant.pk):
        return create_app(principal, flagging())


@pytest.mark.requirement("TRG-02")
def test_a_matching_event_runs_the_app_on_what_it_tells(tenant, app, write_post):
    post_id = write_post("Too short.")
    outcome = ingest([event(tenant, post_id=post_id)])
    assert outcome.accepted == 1
    (execution_id,) = outcome.executions
    assert run_now(execution_id) == "succeeded"
    with tenant_scope(tenant.pk):
        flag = Flag.objects.get()
        assert (flag.post_id, flag.reason, flag.app_id) == (post_id, "Only 10 long", app.pk)


@pytest.mark.requirement("TRG-08")
def test_the_same_event_twice_runs_the_app_once_in_one_batch_and_over_batches(tenant, app):
    told = event(tenant)
    assert len(ingest([told, copy.deepcopy(told)]).executions) == 1
    again = ingest([told])
    assert (again.accepted, again.duplicates, again.executions) == (0, 1, [])
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.count() == Execution.objects.count() == 1


@pytest.mark.requirement("TRG-11")
def test_an_event_that_is_filtered_out_leaves_the_clause_and_the_value_it_met(tenant, app, principal):
    told = event(tenant, length=500)
    assert ingest([told]).executions == []
    with tenant_scope(tenant.pk):
        decision = Decision.objects.get()
        assert (decision.app_id, decision.outcome) == (app.pk, "filtered")
        assert decision.details == {"field": "post.body_length", "operator": "lt", "expected": 80, "actual": 500}
        judged = why_not(principal, app.pk, told["id"])
    assert judged["outcome"] == "filtered"
    assert judged["clause"]["actual"] == 500


@pytest.mark.requirement("TRG-11")
def test_repeats_of_one_reason_are_counted_in_one_row(tenant, app):
    ingest([event(tenant, length=500) for _ in range(7)])
    ingest([event(tenant, length=900)])
    with tenant_scope(tenant.pk):
        decision = Decision.objects.get()
        assert decision.repeats == 8
        assert decision.details["actual"] == 900


@pytest.mark.requirement("TRG-11")
def test_why_not_tells_the_run_that_an_event_made_and_the_pause_that_kept_one_out(tenant, app, principal):
    first, second = event(tenant), event(tenant)
    (run,) = ingest([first]).executions
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk, "holiday")
    ingest([second])
    with tenant_scope(tenant.pk):
        (held,) = why_not(principal, app.pk, first["id"])["runs"]
        assert (held["run"], held["state"], held["waits_for"]) == (run, "queued", "app")
        assert why_not(principal, app.pk, second["id"])["reason"] == "holiday"


@pytest.mark.requirement("TRG-12")
def test_an_app_is_not_started_by_what_it_did_itself(tenant, app, principal):
    told = event(tenant, chain=str(app.pk))
    assert ingest([told]).executions == []
    with tenant_scope(tenant.pk):
        assert why_not(principal, app.pk, told["id"]) == {"outcome": "chain", "reason": "self", "chain": [app.pk]}


@pytest.mark.requirement("TRG-10")
@pytest.mark.parametrize(("links", "runs"), [(2, 1), (3, 0)])
def test_a_chain_of_apps_ends_after_three(tenant, app, links, runs):
    chain = ",".join(str(app.pk + 1000 + n) for n in range(links))
    assert len(ingest([event(tenant, chain=chain)]).executions) == runs


@pytest.mark.requirement("SEC-01")
def test_an_event_of_one_tenant_starts_nothing_in_another(tenant, other_tenant, app):
    assert ingest([event(other_tenant)]).executions == []
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()
        assert not EventInbox.objects.exists()


BAD = {
    "not_an_object": "just text",
    "bad_specversion": {"specversion": "0.3"},
    "bad_type": {"type": ""},
    "bad_data": {"data": [1, 2]},
    "unknown_event": {"type": "post.exploded"},
    "bad_payload": {"data": {"post": {"id": "not a number"}}},
    "bad_id": {"id": 7},
    "bad_source": {"source": None},
    "bad_time": {"time": "yesterday"},
    "bad_chain": {"chain": "1,two"},
    "bad_tenantid": {"tenantid": ["acme"]},
    "unknown_tenant": {"tenantid": "nobody-at-all"},
}


@pytest.mark.requirement("TRG-08")
@pytest.mark.parametrize("code", BAD)
def test_a_message_that_is_no_event_is_kept_with_the_reason_and_its_neighbours_go_on(
    tenant, app, code, owner_connection
):
    fault = BAD[code]
    bad = fault if isinstance(fault, str) else {**event(tenant), **fault}
    outcome = ingest([event(tenant), bad, event(tenant)])
    assert (outcome.accepted, outcome.dead, len(outcome.executions)) == (2, 1, 2)
    row = owner_connection.execute("SELECT code, body FROM engine_deadletter ORDER BY id DESC LIMIT 1").fetchone()
    assert row[0] == code
    assert row[1]


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(tenant, app):
    def statements(size: int) -> int:
        batch = [event(tenant) for _ in range(size)]
        with CaptureQueriesContext(connection) as captured:
            assert len(ingest(batch).executions) == size
        return len(captured)

    statements(1)
    assert statements(100) == statements(10)
    # A savepoint more, and as many round trips less.
    assert statements(1) <= statements(10) + 1


@pytest.mark.requirement("TRG-04")
def test_a_delayed_sequence_waits_and_is_judged_again_when_it_is_due(tenant, principal, write_post, owner_connection):
    post_id = write_post("Short.")
    sequence = [
        {"delay": "1h", "flow": "main"},
        {"delay": "2d", "flow": "main", "when": "trigger.post.body_length > 1000"},
    ]
    act = {"id": "f", "act": "flag_content", "params": {"post_id": "{{ trigger.post.id }}", "reason": "Late"}}
    trigger = {"type": "delayed", "event": "post.created", "sequence": sequence}
    delayed = definition([act], trigger)
    del delayed["triggers"][0]["flow"]
    with tenant_scope(tenant.pk):
        create_app(principal, delayed)
    first, second = ingest([event(tenant, post_id=post_id)]).executions
    with tenant_scope(tenant.pk):
        waits = [Execution.objects.get(pk=pk).run_at - EventInbox.objects.get().received_at for pk in (first, second)]
    assert [wait.total_seconds() for wait in waits] == [3600, 172800]
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id IN (%s, %s)", [first, second])
    assert run_now(first) == "succeeded"
    assert run_now(second) == "skipped"
    with tenant_scope(tenant.pk):
        assert Post.objects.get(pk=post_id).flags.count() == 1


@pytest.mark.requirement("TRG-02", "TRG-11")
def test_a_subscription_for_a_trigger_that_the_app_has_no_more_keeps_the_event_from_nobody_else(tenant, app, principal):
    with tenant_scope(tenant.pk):
        other = create_app(principal, {**flagging(), "name": "Fine"})
        Subscription.objects.filter(app=app).update(trigger_id="gone")
    outcome = ingest([event(tenant)])
    assert (outcome.accepted, outcome.dead, len(outcome.executions)) == (1, 0, 1)
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().app_id == other.pk
        told = Decision.objects.get()
        assert (told.app_id, told.trigger_id, told.outcome) == (app.pk, "gone", "invalid")
        assert told.details["code"] == "definition_outdated"


@pytest.mark.requirement("TRG-08")
def test_what_arrived_leaves_the_outbox_in_the_same_commit(tenant, app, write_post):
    write_post("Short.")
    with tenant_scope(tenant.pk):
        (envelope,) = [row.envelope for row in OutboxEvent.objects.all() if row.envelope["type"] == "post.created"]
    assert len(ingest([envelope]).executions) == 1
    with tenant_scope(tenant.pk):
        assert not OutboxEvent.objects.filter(event_id=envelope["id"]).exists()
