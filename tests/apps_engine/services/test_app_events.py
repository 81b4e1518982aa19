"""What apps tell each other: through the same door as the platform's events, and only what was asked for (TRG-10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import DefinitionRefused
from apps_engine.services.ingest import ingest
from apps_engine.services.runs import run_app
from apps_engine.services.verdicts import list_decisions, why_not
from apps_engine.store.models import App, EventInbox, Execution
from decommerce.community.models import Notification, OutboxEvent
from decommerce.community.outbox import NewEvent, emit_of_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("TRG-10")


def emitting(event: str = "bill_settled", data: Any = None, **more: Any) -> dict[str, Any]:
    """Sends an event when it is run by hand."""
    step = {"id": "send", "act": "emit_event", "params": {"event": event, "data": data or {"amount": 47}}}
    return definition([step], **{"name": "Bill split", "permissions": {"emits": [event]}, **more})


def listening(event: str = "bill_settled", **more: Any) -> dict[str, Any]:
    """Tells everyone what it hears."""
    tell = {
        "id": "tell",
        "act": "send_notification",
        "params": {"to": "everyone", "title": "{{ trigger.amount }} paid"},
    }
    trigger = {"type": "event", "event": event, **more.pop("trigger", {})}
    return definition([tell], trigger, **{"name": "Budget", "permissions": {"subscribes": [event]}, **more})


def relaying(name: str, heard: str, sent: str, **more: Any) -> dict[str, Any]:
    """Hears one event and sends another."""
    step = {"id": "send", "act": "emit_event", "params": {"event": sent, "data": {"by": name}}}
    permissions = {"subscribes": [heard], "emits": [sent]}
    return definition([step], {"type": "event", "event": heard}, name=name, permissions=permissions, **more)


@pytest.fixture
def create(tenant, principal) -> Callable[..., App]:
    def make(source: dict[str, Any]) -> App:
        with tenant_scope(tenant.pk):
            return create_app(principal, source)

    return make


@pytest.fixture
def run(tenant, principal) -> Callable[[App], str]:
    """Run an app by hand, now."""

    def start(app: App) -> str:
        with tenant_scope(tenant.pk):
            execution = run_app(principal, app.pk)
        return run_now(execution.pk)

    return start


@pytest.fixture
def deliver(tenant) -> Callable[[], list[int]]:
    """Take in what waits in the outbox, as the consumer does; the runs that it starts."""

    def take() -> list[int]:
        with tenant_scope(tenant.pk):
            envelopes = [row.envelope for row in OutboxEvent.objects.order_by("pk")]
        return ingest([envelope for envelope in envelopes if envelope["type"].startswith("app:")]).executions

    return take


def test_an_event_of_one_app_starts_another_with_its_data(tenant, members, create, run, deliver):
    bill, budget = create(emitting()), create(listening())
    assert run(bill) == "succeeded"
    (started,) = deliver()
    assert run_now(started) == "succeeded"
    with tenant_scope(tenant.pk):
        execution = Execution.objects.get(pk=started)
        assert (execution.app_id, execution.chain) == (budget.pk, [bill.pk])
        assert (execution.trigger["amount"], execution.trigger["event"]["type"]) == (47, "app:bill_settled")
        assert set(Notification.objects.values_list("title", flat=True)) == {"47 paid"}
        assert EventInbox.objects.get(type="app:bill_settled").source == f"/tenants/{tenant.slug}/apps/{bill.pk}"


def test_filters_and_reasons_hold_for_app_events_too(tenant, principal, create, run, deliver):
    create(listening(trigger={"filter": {"amount": {"gt": 100}}}))
    assert run(create(emitting())) == "succeeded"
    assert deliver() == []
    with tenant_scope(tenant.pk):
        (decision,) = list_decisions(principal, "Budget")
        event_id = EventInbox.objects.get().event_id
        assert decision.details == {"field": "amount", "operator": "gt", "expected": 100, "actual": 47}
        assert why_not(principal, "Budget", event_id)["outcome"] == "filtered"


def test_an_app_event_never_passes_for_one_of_the_platform(tenant, members, create, deliver):
    """Whatever an app calls its event, the type says that an app sent it."""
    welcome = {"id": "hello", "act": "send_notification", "params": {"to": "everyone", "title": "Welcome"}}
    create(definition([welcome], {"type": "event", "event": "member.joined"}, name="Welcome"))
    sender = create(emitting())
    with tenant_scope(tenant.pk):
        emit_of_app(sender.pk, [NewEvent("member.joined", {"member": {"id": members[0].pk}}, "member/1")])
    assert deliver() == []
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.get().type == "app:member.joined"


def test_an_event_that_only_the_run_knows_is_checked_when_it_is_sent(tenant, create, run):
    named = emitting("{{ inputs.name }}", inputs={"type": "object", "properties": {"name": {"default": "other"}}})
    app = create({**named, "permissions": {"emits": ["bill_settled"]}})
    assert run(app) == "failed"
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().error["code"] == "event_not_permitted"
        assert not OutboxEvent.objects.exists()


def test_an_event_that_the_definition_does_not_ask_for_is_refused_when_it_is_saved(create):
    with pytest.raises(DefinitionRefused, match="bill_settled"):
        create({**emitting(), "permissions": {"emits": ["other"]}})


def test_who_does_not_ask_for_an_event_does_not_hear_it(create):
    deaf = listening()
    deaf["permissions"] = {}
    with pytest.raises(DefinitionRefused, match="bill_settled"):
        create(deaf)


@pytest.mark.requirement("SEC-01")
def test_events_of_one_tenant_never_reach_another(tenant, other_tenant, create, run, deliver):
    with tenant_scope(other_tenant.pk):
        create_app(system_principal(other_tenant.pk, "the test"), listening())
    assert run(create(emitting())) == "succeeded"
    assert deliver() == []
    with tenant_scope(other_tenant.pk):
        assert not EventInbox.objects.exists()
        assert not Execution.objects.exists()


@pytest.mark.requirement("RUN-05")
def test_an_event_that_arrives_twice_counts_once(tenant, create, run, deliver):
    create(listening())
    assert run(create(emitting())) == "succeeded"
    with tenant_scope(tenant.pk):
        (envelope,) = [row.envelope for row in OutboxEvent.objects.all()]
    again = {**envelope, "id": "another-id"}
    assert len(ingest([envelope, again]).executions) == 1


def test_a_chain_of_apps_ends_after_three(tenant, principal, create, run, deliver):
    first = create(emitting("a"))
    for name, heard, sent in (("Two", "a", "b"), ("Three", "b", "c"), ("Four", "c", "d")):
        create(relaying(name, heard, sent))
    assert run(first) == "succeeded"
    ran = []
    while started := deliver():
        ran += [run_now(execution) for execution in started]
    assert ran == ["succeeded", "succeeded"], "the run by hand and two that follow are three"
    with tenant_scope(tenant.pk):
        (decision,) = list_decisions(principal, "Four")
        assert (decision.outcome, decision.details["reason"]) == ("chain", "depth")


@pytest.mark.requirement("TRG-12")
def test_an_app_starts_itself_where_it_may_both_send_and_hear_an_event(tenant, create, run, deliver):
    step = {"id": "send", "act": "emit_event", "params": {"event": "tick"}}
    own = definition([step], name="Clock", permissions={"emits": ["tick"], "subscribes": ["tick"]})
    own["triggers"].append({"id": "again", "flow": "main", "type": "event", "event": "tick"})
    assert run(create(own)) == "succeeded"
    ran = []
    while started := deliver():
        ran += [run_now(execution) for execution in started]
    assert ran == ["succeeded", "succeeded"], "and then the chain is as long as it may be"


def test_a_dry_run_sends_nothing_and_can_be_given_an_event(tenant, members, principal):
    with tenant_scope(tenant.pk):
        OutboxEvent.objects.all().delete()
        assert dry_run(principal, emitting()).as_dict()["counts"] == {"emit_event": 1}
        assert not OutboxEvent.objects.exists()
        told = dry_run(principal, listening(), event={"amount": 5}).as_dict()
    assert told["effects"][0]["params"]["title"] == "5 paid"


@pytest.mark.parametrize(("length", "accepted"), [(80, True), (81, False)])
def test_the_name_of_an_app_event_has_eighty_characters_at_most(create, length, accepted):
    source = listening("x" * length)
    if accepted:
        assert create(source).pk
    else:
        with pytest.raises(DefinitionRefused):
            create(source)
