"""A backtest counts what recorded events would have started, and rehearses the newest of it (RUN-14)."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.language.jsontext import dumps
from apps_engine.services import firings
from apps_engine.services.apps import create_app
from apps_engine.services.backtests import backtest
from apps_engine.services.errors import NothingRecorded, TooManyRehearsals
from apps_engine.services.webhook_addresses import EVENT_TYPE, source_of
from apps_engine.store.models import App, Decision, Effect, EventInbox, Execution, StepResult, WebhookAddress
from apps_engine.store.rehearsals import MOST_AT_ONCE
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Flag, Notification, OutboxEvent
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import PermissionRefused, Principal
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.test_delayed import welcome

pytestmark = pytest.mark.requirement("RUN-14")

TELL = {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "Hello"}}


@pytest.fixture
def happened(tenant) -> Callable[..., int]:
    """An event that was recorded so many days ago; its number."""

    def record(kind: str = "post.created", days: float = 1, to=tenant, source: str = "/test", chain=(), **data) -> int:
        at = timezone.now() - timedelta(days=days)
        sample = copy.deepcopy(dict(EVENTS[kind].sample)) if kind in EVENTS else {}
        for name, fields in data.items():
            sample[name] = {**sample.get(name, {}), **fields} if isinstance(fields, dict) else fields
        key = str(uuid.uuid4())
        with tenant_scope(to.pk):
            event = EventInbox.objects.create(
                event_id=key, source=source, dedupe_key=key, type=kind, time=at, data=sample, chain=list(chain)
            )
        return event.pk

    return record


@pytest.fixture
def aged(owner_connection) -> Callable[[int, float], None]:
    """Let an event have arrived so many days ago."""

    def age(number: int, days: float) -> None:
        owner_connection.execute("SET session_replication_role = replica")
        owner_connection.execute(
            "UPDATE engine_eventinbox SET received_at = now() - make_interval(secs => %s) WHERE id = %s",
            [days * 86_400, number],
        )
        owner_connection.execute("RESET session_replication_role")

    return age


def told(principal, source, **how: Any) -> dict[str, Any]:
    return json.loads(dumps(backtest(principal, source, **how).as_dict()))


def test_it_counts_what_would_have_started_the_app_and_says_which_clause_kept_out_how_many(
    tenant, principal, happened, write_post
):
    post = write_post("Short.")
    for length in (10, 20, 30):
        happened(post={"id": post, "body_length": length})
    for length in (100, 200):
        newest = happened(post={"id": post, "body_length": length})
    with tenant_scope(tenant.pk):
        OutboxEvent.objects.all().delete()
        found = told(principal, flagging())
    (trigger,) = found["triggers"]
    assert (trigger["events"], trigger["started"], trigger["cut"]) == (5, 3, False)
    (reason,) = trigger["kept_out"]
    assert (reason["outcome"], reason["count"], reason["event"]) == ("filtered", 2, newest)
    assert reason["details"] == {"field": "post.body_length", "operator": "lt", "expected": 80, "actual": 200}
    assert found["started"] == 3


def test_it_tells_what_those_runs_would_have_done_and_leaves_no_trace(tenant, principal, happened, write_post):
    post = write_post("Short.")
    for length in (10, 20, 200):
        happened(post={"id": post, "body_length": length})
    with tenant_scope(tenant.pk):
        OutboxEvent.objects.all().delete()
        before = EventInbox.objects.count()
        rehearsals = told(principal, flagging())["rehearsals"]
        assert EventInbox.objects.count() == before
    assert (rehearsals["matching"], rehearsals["rehearsed"], rehearsals["stopped_by"]) == (2, 2, None)
    assert rehearsals["counts"] == {"flag_content": 2}
    assert rehearsals["states"] == {"succeeded": 2}
    # The newest first, and each as if it were alone.
    assert [effect["params"]["reason"] for effect in rehearsals["effects"]] == ["Only 20 long", "Only 10 long"]
    with tenant_scope(tenant.pk):
        for model in (Flag, Notification, OutboxEvent, Effect, Execution, StepResult, App, Decision):
            assert not model.objects.exists(), model.__name__


def test_no_run_sees_what_another_would_have_done(tenant, principal, happened, members):
    happened()
    happened()
    once = {**TELL, "once_per": "the same for all"}
    with tenant_scope(tenant.pk):
        found = told(principal, definition([once], {"type": "event", "event": "post.created"}))
    first, second = found["rehearsals"]["effects"]
    assert first["result"] == second["result"]


def test_two_clauses_of_one_field_are_told_apart_and_one_that_follows_the_clock_is_not(tenant, principal, happened):
    filters = [{"post.title": {"contains": "a"}}, {"post.title": {"contains": "b"}}]
    for title in ("b", "c", "a"):
        happened(post={"title": title})
    recent = {"event.time": {"within_last": "1h"}}
    with tenant_scope(tenant.pk):
        both = definition([TELL], {"type": "event", "event": "post.created", "filter": {"and": filters}})
        (trigger,) = told(principal, both)["triggers"]
        late = definition([TELL], {"type": "event", "event": "post.created", "filter": recent})
        (aging,) = told(principal, late)["triggers"]
    assert [(one["details"]["expected"], one["count"]) for one in trigger["kept_out"]] == [("a", 2), ("b", 1)]
    assert [one["count"] for one in aging["kept_out"]] == [3]


def test_only_what_arrived_in_those_days_and_is_kept_is_looked_at(tenant, principal, happened, aged, settings):
    for days in (40, 9, 5, 1):
        aged(happened(), days)
    with tenant_scope(tenant.pk):
        app = definition([TELL], {"type": "event", "event": "post.created"})
        assert told(principal, app, days=7)["started"] == 2
        assert told(principal, app, days=31)["started"] == 3
        settings.RETENTION_DAYS = {"events": 8}
        found = told(principal, app, days=31)
    assert (found["started"], found["kept_days"]) == (2, 8)
    reach = datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["since"])
    assert reach == timedelta(days=8)
    assert found["triggers"][0]["oldest_event_at"] < found["since"]


@pytest.mark.requirement("SEC-01")
def test_another_communitys_events_are_never_counted(tenant, other_tenant, principal, happened):
    happened(post={"title": "Ours"})
    happened(to=other_tenant, post={"title": "Their secret"})
    with tenant_scope(tenant.pk):
        found = told(principal, definition([TELL], {"type": "event", "event": "post.created"}))
    assert found["started"] == 1
    assert "secret" not in dumps(found)


def test_a_schedule_is_counted_by_its_clock_and_rehearsed_once(tenant, principal, members):
    daily = definition([TELL], {"type": "scheduled", "cron": "0 9 * * *", "timezone": "Asia/Tokyo"})
    with tenant_scope(tenant.pk):
        found = told(principal, daily, days=10)
    (trigger,) = found["triggers"]
    assert (trigger["events"], trigger["started"]) == (10, 10)
    rehearsals = found["rehearsals"]
    assert (rehearsals["matching"], rehearsals["rehearsed"], rehearsals["stopped_by"]) == (10, 1, "number")
    assert rehearsals["counts"] == {"send_notification": 1}


def test_a_delayed_sequence_counts_its_runs_and_those_no_longer_wanted_do_nothing(tenant, principal, happened):
    for name in ("Ada", "Ben"):
        happened("member.joined", member={"display_name": name})
    with tenant_scope(tenant.pk):
        found = told(principal, welcome())
    (trigger,) = found["triggers"]
    assert (trigger["started"], trigger["runs"]) == (2, 6)
    assert found["rehearsals"]["states"] == {"succeeded": 5, "skipped": 1}
    titles = {effect["params"]["title"] for effect in found["rehearsals"]["effects"]}
    assert {"Hello Ben", "Tip after 172800 seconds, number 1", "A gift for Ada"} <= titles


def test_a_webhook_has_the_calls_of_its_own_address_for_its_past(tenant, principal, happened):
    hooked = definition([TELL], {"type": "webhook", "endpoint": "orders", "verify": "hmac_sha256"})
    with tenant_scope(tenant.pk):
        app = create_app(principal, hooked)
        source = source_of(WebhookAddress.objects.get(app=app))
        with pytest.raises(NothingRecorded):
            backtest(principal, hooked)
    happened(EVENT_TYPE, source=source, body={"n": 1}, headers={})
    happened(EVENT_TYPE, source=f"{source}0", body={"n": 2}, headers={})
    with tenant_scope(tenant.pk):
        (trigger,) = told(principal, app.pk)["triggers"]
    assert (trigger["events"], trigger["started"]) == (1, 1)


def test_what_an_app_did_itself_does_not_start_it(tenant, principal, happened):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([TELL], {"type": "event", "event": "post.created"}))
    happened(chain=[app.pk])
    happened()
    with tenant_scope(tenant.pk):
        (trigger,) = told(principal, app.pk)["triggers"]
    assert (trigger["events"], trigger["started"]) == (2, 1)
    assert [reason["outcome"] for reason in trigger["kept_out"]] == ["chain"]


def test_what_only_people_start_has_no_past(scope, principal):
    with pytest.raises(NothingRecorded) as refused:
        backtest(principal, definition([TELL]))
    assert (refused.value.code, refused.value.status) == ("nothing_recorded", 409)


def test_failures_are_counted_by_their_code_and_the_others_go_on(tenant, principal, happened):
    oldest, *_ = [happened(post={"body_length": length}) for length in (0, 1, 0)]
    url = "https://closed.example.com/in"
    call = {"id": "call", "act": "webhook", "when": "trigger.post.body_length == 0", "params": {"url": url, "body": {}}}
    calling = definition(
        [call], {"type": "event", "event": "post.created"}, permissions={"domains": ["closed.example.com"]}
    )
    with tenant_scope(tenant.pk):
        rehearsals = told(principal, calling)["rehearsals"]
    assert rehearsals["states"] == {"failed": 2, "succeeded": 1}
    (failure,) = rehearsals["failures"]
    assert (failure["code"], failure["count"]) == ("outgoing_domain_refused", 2)
    assert failure["event"] == oldest + 2


@pytest.mark.requirement("SEC-03")
def test_of_very_many_events_the_newest_are_looked_at_and_it_says_so(tenant, principal, happened, monkeypatch):
    monkeypatch.setattr(firings, "MOST_EVENTS", 3)
    monkeypatch.setattr("apps_engine.store.recorded.STRETCH", 2)
    numbers = [happened() for _ in range(5)]
    with tenant_scope(tenant.pk):
        (trigger,) = told(principal, definition([TELL], {"type": "event", "event": "post.created"}))["triggers"]
        oldest = EventInbox.objects.get(pk=numbers[2]).received_at
    assert (trigger["events"], trigger["cut"]) == (3, True)
    assert datetime.fromisoformat(trigger["since"]) == oldest.replace(tzinfo=UTC)


@pytest.mark.requirement("SEC-03")
def test_the_rehearsals_end_with_their_time_and_what_was_cut_short_is_no_failure(tenant, principal, happened):
    for _ in range(3):
        happened()
    loop = {"id": "inner", "each": "{{ inputs.rows }}", "as": "inner", "steps": [TELL]}
    endless = definition(
        [{"id": "outer", "each": "{{ inputs.rows }}", "as": "outer", "steps": [loop]}],
        {"type": "event", "event": "post.created"},
        inputs={"type": "object", "properties": {"rows": {"type": "array", "default": list(range(1000))}}},
    )
    with tenant_scope(tenant.pk):
        rehearsals = told(principal, endless, most_seconds=2.5)["rehearsals"]
    assert rehearsals["stopped_by"] == "time"
    assert (rehearsals["matching"], rehearsals["failures"]) == (3, [])


@pytest.mark.requirement("SEC-03")
def test_it_takes_a_place_among_the_rehearsals(tenant, principal, happened, owner_connection):
    happened()
    app = definition([TELL], {"type": "event", "event": "post.created"})
    for place in range(MOST_AT_ONCE):
        owner_connection.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", (f"rehearsals of {tenant.pk}", place))
    with tenant_scope(tenant.pk):
        with pytest.raises(TooManyRehearsals):
            backtest(principal, app)
        # To count only is none.
        assert backtest(principal, app, most_rehearsed=0).started == 1
    owner_connection.execute("SELECT pg_advisory_unlock_all()")


@pytest.mark.requirement("SEC-04")
def test_it_needs_the_scope_of_data(scope, tenant):
    reader = Principal("user", 1, "Reader", tenant.pk, frozenset({"apps:read"}))
    with pytest.raises(PermissionRefused):
        backtest(reader, flagging())
