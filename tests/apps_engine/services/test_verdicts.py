"""What became of one event for one app, judged by what was true when it arrived (TRG-11)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app, pause_app, resume_app, update_app
from apps_engine.services.auto_pause import pause_after_failures
from apps_engine.services.errors import EventNotFound
from apps_engine.services.events import EventFilter, list_events, runs_started_by
from apps_engine.services.ingest import ingest
from apps_engine.services.verdicts import listeners_of, why_not
from apps_engine.store.models import App, EventInbox, Execution
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
        assert why_not(principal, app.pk, met["id"])["outcome"] == "ran"
        assert why_not(principal, app.pk, missed["id"])["outcome"] == "filtered"


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
        assert outcomes == {app.name: "ran", "Paused one": "paused"}
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
