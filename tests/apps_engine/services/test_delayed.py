"""Delayed sequences: each delay its own run, judged when it is due; no clock is waited for (TRG-04)."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps_engine.services.apps import create_app, delete_app, update_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.dry_run import dry_run
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.runs import get_run
from apps_engine.services.verdicts import list_decisions, why_not
from apps_engine.store.batches import claim_line, lines
from apps_engine.store.claims import claim
from apps_engine.store.models import App, EventInbox, Execution
from apps_engine.store.state import merge_state
from chat.decision_words import reason_in_words
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("TRG-04")


def tell(title: str) -> dict[str, Any]:
    return {"steps": [{"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": title}}]}


def welcome(**trigger: Any) -> dict[str, Any]:
    """A welcome in three parts, each a flow of its own; the last only for people called Ada."""
    sequence = [
        {"delay": "1h", "flow": "hello"},
        {"delay": "2d", "flow": "tips"},
        {"delay": "7d", "flow": "gift", "when": "trigger.member.display_name == 'Ada'"},
    ]
    start = {"id": "joined", "type": "delayed", "event": "member.joined", "sequence": sequence, "flow": "hello"}
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Welcome",
        "description": "Greets new members.",
        "triggers": [{**start, **trigger}],
        "flows": {
            "hello": tell("Hello {{ trigger.member.display_name }}"),
            "tips": tell("Tip after {{ trigger.delay.seconds }} seconds, number {{ trigger.delay.index }}"),
            "gift": tell("A gift for {{ trigger.member.display_name }}"),
        },
    }


@pytest.fixture
def join(tenant) -> Callable[..., list[int]]:
    """Somebody joins; the runs that are planned."""

    def happen(name: str = "Ada") -> list[int]:
        data = copy.deepcopy(dict(EVENTS["member.joined"].sample))
        data["member"]["display_name"] = name
        envelope = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/test", "type": "member.joined"}
        return ingest([{**envelope, "tenantid": tenant.slug, "data": data}]).executions

    return happen


@pytest.fixture
def after(owner_connection) -> Callable[[timedelta], None]:
    """So much time goes by for whatever waits."""

    def pass_by(time: timedelta) -> None:
        owner_connection.execute("UPDATE engine_execution SET run_at = run_at - %s WHERE state = 'queued'", [time])

    return pass_by


@pytest.fixture
def app(tenant, principal, members) -> App:
    with tenant_scope(tenant.pk):
        return create_app(principal, welcome())


def titles(tenant: Any) -> list[str]:
    with tenant_scope(tenant.pk):
        return sorted(set(Notification.objects.values_list("title", flat=True)))


def work(runs: list[int]) -> list[str]:
    """Run those whose time has come, one after the other, as a worker does; how they ended."""
    ended = []
    while claimed := claim("worker", 1, runs):
        ended.append(execute(claimed[0]))
    return ended


def test_every_delay_becomes_a_run_of_its_own_flow_when_its_time_has_come(tenant, app, join, after):
    runs = join()
    assert work(runs) == []
    after(timedelta(minutes=59))
    assert work(runs) == []
    after(timedelta(minutes=1))
    assert work(runs) == ["succeeded"]
    assert titles(tenant) == ["Hello Ada"]
    after(timedelta(days=2))
    assert work(runs) == ["succeeded"]
    assert titles(tenant) == ["Hello Ada", "Tip after 172800 seconds, number 1"]
    after(timedelta(days=5))
    assert work(runs) == ["succeeded"]
    assert titles(tenant)[0] == "A gift for Ada"


def test_the_condition_of_a_delay_is_asked_when_it_is_due(tenant, principal, app, join, after):
    runs = join("Bob")
    after(timedelta(days=7))
    assert sorted(work(runs)) == ["skipped", "succeeded", "succeeded"]
    with tenant_scope(tenant.pk):
        told = run_as_dict(get_run(principal, runs[2]), principal)
    assert (told["state"], told["error"]["code"]) == ("skipped", "no_longer_wanted")
    assert "`when`" in told["error"]["hint"]


@pytest.mark.requirement("RUN-10")
def test_what_is_not_wanted_any_more_ends_in_one_batch_with_the_others(tenant, principal, members, join, after):
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**welcome(), "settings": {"concurrency": {"mode": "parallel"}}})
    gifts = [join(name)[2] for name in ("Ada", "Bob", "Ada", "Cem")]
    after(timedelta(days=7))
    (line,) = lines(gifts)
    assert execute_batch(claim_line("worker", line, 10)) == []
    with tenant_scope(tenant.pk):
        runs = Execution.objects.in_bulk(gifts)
        (decision,) = list_decisions(principal, app.pk)
    assert [runs[gift].state for gift in gifts] == ["succeeded", "skipped", "succeeded", "skipped"]
    assert [(runs[gift].error or {}).get("code") for gift in gifts[:2]] == [None, "no_longer_wanted"]
    assert {run.attempt for run in runs.values()} == {1}
    assert (decision.outcome, decision.repeats) == ("no_longer_wanted", 2)
    assert titles(tenant) == ["A gift for Ada"]


def test_a_sequence_is_left_for_good_once_its_exit_holds(tenant, principal, members, join, after):
    """Whoever has bought something meanwhile, as another part of the app remembers, gets no more of it."""
    with tenant_scope(tenant.pk):
        source = welcome(exit_when="(state.bought | default: []) contains trigger.member.id")
        left = create_app(principal, source)
    runs = join()
    after(timedelta(hours=1))
    assert work(runs) == ["succeeded"]
    with tenant_scope(tenant.pk):
        member = Execution.objects.get(pk=runs[0]).trigger["member"]["id"]
        merge_state(left.pk, "", {"bought": [member]})
    after(timedelta(days=7))
    assert work(runs) == ["skipped", "skipped"]
    assert titles(tenant) == ["Hello Ada"]
    with tenant_scope(tenant.pk):
        (decision,) = list_decisions(principal, left.pk)
        event = Execution.objects.get(pk=runs[1]).trigger["event"]["id"]
        left_by = "The sequence had been left: its `exit_when` held: `(state.bought | default: []) contains"
        assert Execution.objects.get(pk=runs[1]).error["message"].startswith(left_by)
    assert (decision.outcome, decision.repeats, decision.event_id) == ("no_longer_wanted", 2, event)
    assert decision.details["message"].startswith(left_by)


def test_a_delay_is_seen_among_the_runs_with_its_time(tenant, principal, app, join):
    runs = join()
    with tenant_scope(tenant.pk):
        received = EventInbox.objects.get().received_at
        waits = [Execution.objects.get(pk=run).run_at - received for run in runs]
        shown = run_as_dict(get_run(principal, runs[2]), principal)
    assert waits == [timedelta(hours=1), timedelta(days=2), timedelta(days=7)]
    assert shown["waits_until"] == shown["run_at"]


def test_what_was_planned_keeps_the_version_it_was_planned_with(tenant, principal, app, join, after):
    runs = join()
    with tenant_scope(tenant.pk):
        changed = welcome()
        changed["flows"]["hello"] = tell("Good day {{ trigger.member.display_name }}")
        update_app(principal, app.pk, changed)
    after(timedelta(hours=1))
    assert work(runs) == ["succeeded"]
    assert titles(tenant) == ["Hello Ada"]


@pytest.mark.requirement("APP-07")
def test_what_was_planned_is_cancelled_with_the_app(tenant, principal, app, join, after):
    runs = join()
    with tenant_scope(tenant.pk):
        delete_app(principal, app.pk)
    after(timedelta(days=7))
    assert work(runs) == []
    with tenant_scope(tenant.pk):
        assert set(Execution.objects.values_list("state", flat=True)) == {"cancelled"}


@pytest.mark.requirement("TRG-11")
def test_why_not_tells_every_run_that_the_event_planned_and_why_it_was_skipped(tenant, principal, app, join, after):
    runs = join("Bob")
    after(timedelta(days=7))
    work(runs[1:])
    with tenant_scope(tenant.pk):
        told = why_not(principal, app.pk, EventInbox.objects.get().event_id)
    why = "When the delay was over, its `when` did not hold: `trigger.member.display_name == 'Ada'`."
    assert (told["outcome"], told["run"], told["state"]) == ("ran", runs[0], "queued")
    waiting = {"waits_for": "worker", "until": None, "message": "It waits for a worker."}
    assert told["runs"] == [
        {"run": runs[0], "state": "queued", **waiting},
        {"run": runs[1], "state": "succeeded"},
        {"run": runs[2], "state": "skipped", "message": why},
    ]


@pytest.mark.requirement("TRG-11")
def test_an_event_whose_every_run_was_skipped_did_not_run_the_app(tenant, principal, join, after):
    with tenant_scope(tenant.pk):
        app = create_app(principal, welcome(exit_when="trigger.member.display_name == 'Bob'"))
    runs = join("Bob")
    after(timedelta(days=7))
    assert work(runs) == ["skipped"] * 3
    with tenant_scope(tenant.pk):
        told = why_not(principal, app.pk, EventInbox.objects.get().event_id)
    assert (told["outcome"], told["run"], told["state"]) == ("no_longer_wanted", runs[0], "skipped")
    why = "The sequence had been left: its `exit_when` held: `trigger.member.display_name == 'Bob'`."
    assert told["message"] == why
    assert [(run["run"], run["message"]) for run in told["runs"]] == [(number, told["message"]) for number in runs]
    assert reason_in_words(told["outcome"], told) == told["message"]


def test_the_same_event_again_plans_nothing_more(tenant, app, join):
    first = join()
    with tenant_scope(tenant.pk):
        event = EventInbox.objects.get()
    envelope = {"specversion": "1.0", "id": event.event_id, "source": event.source, "type": event.type}
    assert ingest([{**envelope, "tenantid": tenant.slug, "data": event.data}]).executions == []
    assert len(first) == 3


def test_a_dry_run_tries_the_first_of_the_sequence(tenant, principal, app):
    with tenant_scope(tenant.pk):
        rehearsal = dry_run(principal, app.pk).as_dict()
    assert rehearsal["status"] == "succeeded"
    assert rehearsal["trigger"]["delay"] == {"index": 0, "seconds": 3600}
    assert rehearsal["effects"][0]["params"]["title"].startswith("Hello ")
