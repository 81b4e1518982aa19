"""What became of one event for one app, judged by what was true when it arrived (TRG-11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.language.instants import format_instant
from apps_engine.services.apps import create_app, pause_app, resume_app, update_app
from apps_engine.services.auto_pause import pause_after_failures
from apps_engine.services.errors import EventNotFound
from apps_engine.services.events import EventFilter, list_events, runs_started_by
from apps_engine.services.ingest import ingest
from apps_engine.services.runs import cancel_run, run_app
from apps_engine.services.verdicts import list_decisions, listeners_of, why_not
from apps_engine.store.models import App, Decision, EventInbox, Execution
from chat.decision_words import reason_in_words
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import PermissionRefused, Principal
from tests.apps_engine.services.definitions import flagging
from tests.apps_engine.services.test_ingest import event

pytestmark = pytest.mark.requirement("TRG-11")


@pytest.fixture
def app(tenant, principal):
    """An active app that flags short posts."""
    with tenant_scope(tenant.pk):
        return create_app(principal, flagging())


def test_an_event_that_met_a_paused_app_is_told_so_after_the_app_was_resumed(tenant, app, principal):
    during = event(tenant)
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk, "holiday")
    ingest([during])
    with tenant_scope(tenant.pk):
        resume_app(principal, app.pk)
        verdict = why_not(principal, app.pk, during["id"])
    assert (verdict["outcome"], verdict["reason"]) == ("paused", "holiday")
    assert verdict["since"].endswith("Z")


def test_an_event_that_an_app_heard_though_it_was_paused_for_its_failures_is_judged_by_its_filter(
    tenant, app, principal
):
    with tenant_scope(tenant.pk), caused_by(Cause(principal)):
        App.objects.filter(pk=app.pk).update(consecutive_errors=5)
        pause_after_failures(app.pk, {"message": "It broke."})
    met, missed = event(tenant), event(tenant, length=500)
    ingest([met, missed])
    with tenant_scope(tenant.pk):
        held = why_not(principal, app.pk, met["id"])
        assert (held["outcome"], held["waits_for"]) == ("waiting", "app")
        assert why_not(principal, app.pk, missed["id"])["outcome"] == "filtered"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"code": "quota_emails", "message": "All e-mails are used."}, {"message": "All e-mails are used."}),
        ({"code": "refused", "message": "Ann's data"}, {}),
    ],
)
def test_of_a_run_that_a_quota_stopped_it_is_said_which(tenant, app, principal, error, told):
    met = event(tenant)
    (run,) = ingest([met]).executions
    with tenant_scope(tenant.pk):
        Execution.objects.update(state="failed", error=error)
        assert why_not(principal, app.pk, met["id"])["runs"] == [{"run": run, "state": "failed", **told}]


def test_of_a_run_that_has_not_begun_it_is_said_what_it_waits_for_and_until_when(tenant, app, principal):
    met, before = event(tenant), event(tenant)
    (first,), (run,) = ingest([before]).executions, ingest([met]).executions
    midnight = (timezone.now() + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)

    def told(**changes: Any) -> tuple[str, str, str | None]:
        with tenant_scope(tenant.pk):
            Execution.objects.filter(pk=run).update(**changes)
            verdict = why_not(principal, app.pk, met["id"])
        assert reason_in_words(verdict["outcome"], verdict) == verdict["message"] == verdict["runs"][0]["message"]
        return verdict["outcome"], verdict["waits_for"], verdict["until"]

    assert told() == ("waiting", "worker", None)
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=first).update(state="running", exclusive=True, started_at=timezone.now())
    assert told(exclusive=True) == ("waiting", "turn", None)
    assert told(run_at=midnight) == ("waiting", "quota", format_instant(midnight))
    set_for = midnight + timedelta(minutes=7)
    assert told(run_at=set_for) == ("waiting", "time", format_instant(set_for))
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk, "holiday")
    assert told() == ("waiting", "app", format_instant(set_for))
    with tenant_scope(tenant.pk):
        assert why_not(principal, app.pk, before["id"])["outcome"] == "ran"


def test_a_run_that_was_cancelled_before_it_began_did_not_run(tenant, app, principal):
    met = event(tenant)
    (run,) = ingest([met]).executions
    with tenant_scope(tenant.pk):
        cancel_run(principal, run)
        assert why_not(principal, app.pk, met["id"])["outcome"] == "cancelled"


def test_a_second_arrival_under_the_key_of_another_is_said_to_have_been_dropped(tenant, app, principal):
    first, second = event(tenant), event(tenant)
    ingest([{**first, "dedupekey": "order-7"}])
    assert ingest([{**second, "dedupekey": "order-7"}]).duplicates == 1
    with tenant_scope(tenant.pk), pytest.raises(EventNotFound) as refused:
        why_not(principal, app.pk, second["id"])
    assert "dropped as a duplicate" in refused.value.hint


def test_an_event_of_before_the_pause_is_not_explained_by_it(tenant, app, principal):
    before = event(tenant, length=500)
    ingest([before])
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk, "holiday")
        assert why_not(principal, app.pk, before["id"])["outcome"] == "filtered"


def test_an_event_of_before_the_app_says_so(tenant, principal):
    early = event(tenant)
    ingest([early])
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
        assert why_not(principal, app.pk, early["id"])["outcome"] == "made_later"


def test_an_event_is_judged_by_the_version_that_it_met(tenant, app, principal):
    met = event(tenant, length=500)
    ingest([met])
    wider = flagging()
    wider["triggers"][0]["filter"] = {"post.body_length": {"lt": 9_999}}
    with tenant_scope(tenant.pk):
        update_app(principal, app.pk, wider)
        assert why_not(principal, app.pk, met["id"])["clause"]["expected"] == 80


def test_an_overlap_names_itself_and_its_trigger(tenant, app, principal):
    skipping = flagging()
    skipping["settings"] = {"concurrency": {"mode": "skip"}}
    first, second = event(tenant), event(tenant)
    with tenant_scope(tenant.pk):
        update_app(principal, app.pk, skipping)
    ingest([first])
    ingest([second])
    with tenant_scope(tenant.pk):
        verdict = why_not(principal, app.pk, second["id"])
    assert (verdict["outcome"], verdict["trigger"]) == ("overlap", skipping["triggers"][0]["id"])


def test_a_run_by_hand_that_was_skipped_is_among_the_reasons(tenant, app, principal):
    skipping = flagging()
    skipping["triggers"].append({"id": "hand", "type": "manual", "flow": "main"})
    skipping["settings"] = {"concurrency": {"mode": "skip"}}
    with tenant_scope(tenant.pk):
        update_app(principal, app.pk, skipping)
        assert [run_app(principal, app.pk).state for _ in range(2)] == ["queued", "skipped"]
        (reason,) = list_decisions(principal, app.pk)
    assert (reason.outcome, reason.trigger_id, reason.repeats) == ("overlap", "hand", 1)


@pytest.fixture
def arrived(tenant, app, owner_connection):
    """Have an event that matches the app be in the inbox since that time, with no run of its; returns its id."""

    def arrive(at: datetime) -> str:
        told = event(tenant)
        stored = {name: told[name] for name in ("source", "type", "time", "data")}
        with tenant_scope(tenant.pk):
            row = EventInbox.objects.create(event_id=told["id"], dedupe_key=told["id"], **stored)
        with owner_connection.transaction():
            # The table is only ever added to.
            owner_connection.execute("SET LOCAL session_replication_role = replica")
            owner_connection.execute("UPDATE engine_eventinbox SET received_at = %s WHERE id = %s", [at, row.pk])
            aged = "UPDATE engine_appversion SET created_at = created_at - interval '40 days' WHERE app_id = %s"
            owner_connection.execute(aged, [app.pk])
        return told["id"]

    return arrive


@pytest.fixture
def refused(tenant, app):
    """Write down that events met a reason from one minute of an hour to another; the last one was `event_id`."""

    def refuse(outcome: str, first: datetime, last: datetime, event_id: str = "another", **more: Any) -> None:
        (trigger,) = flagging()["triggers"]
        hour = first.replace(minute=0)
        given = {"trigger_id": trigger["id"], "first_at": first, "last_at": last, "event_id": event_id, **more}
        with tenant_scope(tenant.pk):
            Decision.objects.create(app=app, outcome=outcome, hour=hour, **given)

    return refuse


def _hour(days: int) -> datetime:
    return (timezone.now() - timedelta(days=days, hours=2)).replace(minute=0, second=0, microsecond=0)


def _minute(hour: datetime, minute: int) -> datetime:
    return hour + timedelta(minutes=minute)


def test_an_event_is_not_told_a_reason_that_was_met_only_before_it(tenant, app, principal, arrived, refused):
    hour = _hour(days=10)
    late = arrived(_minute(hour, 20))
    refused("overlap", _minute(hour, 5), _minute(hour, 6))
    with tenant_scope(tenant.pk):
        assert why_not(principal, app.pk, late)["outcome"] == "would_match"


def test_an_event_that_no_row_names_is_told_the_one_reason_of_that_time(tenant, app, principal, arrived, refused):
    hour = _hour(days=0)
    between = arrived(_minute(hour, 20))
    refused("quota", _minute(hour, 5), _minute(hour, 40), details={"sentence": "Used up."})
    refused("overlap", _minute(hour, 30), _minute(hour, 50))
    with tenant_scope(tenant.pk):
        verdict = why_not(principal, app.pk, between)
    assert (verdict["outcome"], verdict["sentence"]) == ("quota", "Used up.")


def test_an_event_that_met_one_of_several_reasons_is_told_that_and_no_reason_as_a_fact(
    tenant, app, principal, arrived, refused
):
    hour = _hour(days=0)
    between, last = arrived(_minute(hour, 20)), arrived(_minute(hour, 40))
    refused("quota", _minute(hour, 5), _minute(hour, 40), last)
    refused("overlap", _minute(hour, 10), _minute(hour, 50))
    with tenant_scope(tenant.pk):
        verdict = why_not(principal, app.pk, between)
        assert why_not(principal, app.pk, last)["outcome"] == "quota"
    assert (verdict["outcome"], verdict["reasons"]) == ("not_known", ["overlap", "quota"])
    assert reason_in_words(verdict["outcome"], verdict) == verdict["hint"]
    assert "overlap, quota" in verdict["hint"]


def test_of_an_event_whose_run_may_have_gone_it_is_said_that_it_is_not_known(tenant, app, principal, arrived, refused):
    hour = _hour(days=10)
    between = arrived(_minute(hour, 20))
    refused("overlap", _minute(hour, 5), _minute(hour, 40))
    with tenant_scope(tenant.pk):
        verdict = why_not(principal, app.pk, between)
    assert (verdict["outcome"], verdict["reasons"]) == ("not_known", ["overlap"])
    assert "its run is older than runs are kept" in verdict["hint"]


def test_a_reason_of_another_trigger_or_of_another_sources_event_of_the_same_id_is_not_told(
    tenant, app, principal, arrived, refused
):
    hour = _hour(days=0)
    told = arrived(_minute(hour, 20))
    refused("chain", _minute(hour, 20), _minute(hour, 20), told, trigger_id="another")
    refused("quota", _minute(hour, 50), _minute(hour, 50), told)
    with tenant_scope(tenant.pk):
        assert why_not(principal, app.pk, told)["outcome"] == "would_match"


def test_every_app_that_listens_is_told_of_the_paused_one_too(tenant, app, principal):
    with tenant_scope(tenant.pk):
        paused = create_app(principal, {**flagging(), "name": "Paused one"})
        pause_app(principal, paused.pk, "holiday")
    short, long = event(tenant), event(tenant, length=500)
    ingest([short, long])
    with tenant_scope(tenant.pk):
        newest, older = list_events(principal)
        assert [newest.event_id, older.event_id] == [long["id"], short["id"]]
        outcomes = {heard.app.name: heard.verdict["outcome"] for heard in listeners_of(principal, older.pk)}
        assert outcomes == {app.name: "waiting", "Paused one": "paused"}
        outcomes = {heard.app.name: heard.verdict["outcome"] for heard in listeners_of(principal, newest.pk)}
        assert outcomes == {app.name: "filtered", "Paused one": "paused"}


def test_a_run_is_found_by_its_event_when_its_app_is_gone(tenant, app, principal):
    ingest([event(tenant)])
    with tenant_scope(tenant.pk):
        App.objects.filter(pk=app.pk).update(status="deleted")
        (stored,) = list_events(principal, EventFilter(type="post.created"))
        (run,) = runs_started_by([stored])[stored.pk]
        assert run == Execution.objects.get()


def test_an_unknown_event_is_refused_and_data_needs_its_scope(tenant, app, principal):
    ingest([event(tenant)])
    reader = Principal("user", 1, "A reader", tenant.pk, frozenset({"apps:read"}))
    with tenant_scope(tenant.pk):
        with pytest.raises(EventNotFound):
            why_not(principal, app.pk, "never heard of")
        with pytest.raises(PermissionRefused):
            listeners_of(reader, EventInbox.objects.get().pk)
