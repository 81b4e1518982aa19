"""Quotas of a tenant: exact however many reserve at once, by fixed windows, once for each run and call (RUN-07)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps_engine.runtime.errors import QuotaReached
from apps_engine.services import quotas
from apps_engine.services.apps import create_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import RunsUsedUp
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import AI_CALLS_PER_HOUR, AI_TOKENS, EMAILS, EVENTS, EXECUTIONS, set_quota, usage
from apps_engine.services.runs import get_run, run_app
from apps_engine.services.tick import tick
from apps_engine.services.verdicts import why_not
from apps_engine.store.models import App, Decision, Execution, QuotaUse, Schedule, StepResult
from decommerce.community.models import OutboundMessage
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_ingest import event

pytestmark = pytest.mark.requirement("RUN-07")

MAIL = {
    "id": "mail",
    "act": "send_email",
    "params": {"to": "{{ member.email }}", "subject": "Hello", "body": "How are you?"},
}
TELL = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "It is time"}}
SUMMARY = {"id": "summary", "act": "ai_generate", "params": {"prompt": "Write a line.", "output_schema": None}}


def allow(tenant, name: str, amount: int | None) -> None:
    """Let an operator set a quota."""
    with tenant_scope(tenant.pk):
        set_quota(system_principal(tenant.pk, "an operator"), name, amount)


def used(tenant, name: str) -> int:
    """How much of a quota is used in this window."""
    with tenant_scope(tenant.pk):
        return next(use.standing.used for use in usage(system_principal(tenant.pk, "a look")) if use.name == name)


def roll_window(tenant, name: str) -> None:
    """Pretend that what was used was used in the window before."""
    step = timedelta(hours=1) if quotas.QUOTAS[name].unit == "hour" else timedelta(days=1)
    with tenant_scope(tenant.pk):
        for row in QuotaUse.objects.filter(name=name).order_by("starts_at"):
            QuotaUse.objects.filter(pk=row.pk).update(starts_at=row.starts_at - step)


def mailing(on_quota: str = "skip"):
    """Writes to every member."""
    loop = {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": [MAIL]}
    fetch = {"id": "members", "fetch": "users", "fields": ["id", "email"], "order_by": ["id"], "limit": 100}
    return definition([fetch, loop], settings={"on_quota": on_quota}, name=f"Mail {on_quota}")


@pytest.mark.parametrize("name", [EMAILS, AI_CALLS_PER_HOUR])
def test_200_at_once_at_a_limit_of_100_get_exactly_100_and_another_tenant_is_untouched(tenant, other_tenant, name):
    allow(tenant, name, 100)
    resource = "email" if name == EMAILS else "ai"

    def one(_: int) -> bool:
        try:
            with tenant_scope(tenant.pk):
                quotas.spend(resource, 1)
        except QuotaReached:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(one, range(200))) == 100
    assert used(tenant, name) == 100
    assert used(other_tenant, name) == 0
    with tenant_scope(other_tenant.pk):
        quotas.spend(resource, 1)


def test_200_runs_asked_for_at_once_at_a_limit_of_100_are_exactly_100(tenant, principal):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([TELL], settings={"concurrency": {"mode": "parallel"}}))
    allow(tenant, EXECUTIONS, 100)

    def one(_: int) -> bool:
        try:
            with tenant_scope(tenant.pk):
                run_app(principal, app.pk)
        except RunsUsedUp:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(one, range(200))) == 100
    with tenant_scope(tenant.pk):
        assert Execution.objects.count() == 100


def test_what_is_rolled_back_was_not_used(tenant):
    def begun_and_failed() -> None:
        with tenant_scope(tenant.pk):
            quotas.spend("email", 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        begun_and_failed()
    assert used(tenant, EMAILS) == 0


def test_events_over_the_quota_make_no_run_and_one_decision_says_until_when(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
    allow(tenant, EXECUTIONS, 2)
    assert len(ingest([event(tenant) for _ in range(5)]).executions) == 2
    latest = event(tenant)
    assert ingest([latest]).executions == []
    with tenant_scope(tenant.pk):
        assert why_not(principal, App.objects.get().pk, latest["id"])["outcome"] == "quota"
        decision = Decision.objects.get(outcome="quota")
        assert (decision.repeats, decision.details["allowed"]) == (4, 2)
        resets_at = datetime.fromisoformat(decision.details["resets_at"])
    assert timedelta() < resets_at - datetime.now(UTC) <= timedelta(hours=1)
    roll_window(tenant, EXECUTIONS)
    assert len(ingest([event(tenant)]).executions) == 1


def test_an_app_that_reschedules_runs_at_the_next_hours_that_have_room(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging() | {"settings": {"on_quota": "reschedule"}})
    allow(tenant, EXECUTIONS, 2)
    assert len(ingest([event(tenant) for _ in range(5)]).executions) == 5
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with tenant_scope(tenant.pk):
        later = list(Execution.objects.order_by("run_at").values_list("run_at", flat=True))[2:]
        assert later == [hour + timedelta(hours=ahead) for ahead in (1, 1, 2)]
        assert not Decision.objects.exists()


def test_a_quota_of_none_puts_nothing_off_for_ever(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging() | {"settings": {"on_quota": "reschedule"}})
    allow(tenant, EXECUTIONS, 0)
    assert ingest([event(tenant)]).executions == []
    with tenant_scope(tenant.pk):
        assert Decision.objects.get().outcome == "quota"


def test_scheduled_runs_count_too(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], {"type": "scheduled", "cron": "0 * * * *"}))
        Schedule.objects.update(next_fire_at=datetime.now(UTC) - timedelta(seconds=1))
    allow(tenant, EXECUTIONS, 0)
    tick()
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()
        assert Decision.objects.get().outcome == "quota"


def test_tasks_over_the_quota_are_not_set_and_the_step_says_so(tenant, principal):
    task = {"id": "later", "act": "schedule_task", "params": {"flow": "main", "delay": "1h"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([task]))
        run = run_app(principal, app.pk)
    allow(tenant, EXECUTIONS, 1)
    assert run_now(run.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        assert StepResult.objects.get(path="main/later").output["skipped"] == "quota"
        assert Execution.objects.count() == 1


def test_emails_stop_at_the_last_one_that_is_left_and_the_run_says_until_when(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, mailing())
        run = run_app(principal, app.pk)
    allow(tenant, EMAILS, 2)
    assert run_now(run.pk) == "failed"
    with tenant_scope(tenant.pk):
        error = get_run(principal, run.pk).error
        assert error["code"] == "quota_emails"
        assert "00:00 UTC" in error["message"]
        assert OutboundMessage.objects.filter(channel="email").count() == 2
        assert App.objects.get().consecutive_errors == 0
    assert used(tenant, EMAILS) == 2


def test_events_from_app_to_app_stop_at_the_last_one_that_is_left(tenant, principal):
    send = {"id": "send", "act": "emit_events", "params": {"event": "tick", "items": [{}] * 3}}
    loop = {"id": "often", "each": [1, 2], "as": "n", "steps": [send]}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([loop], permissions={"emits": ["tick"]}))
        run = run_app(principal, app.pk)
    allow(tenant, EVENTS, 5)
    assert run_now(run.pk) == "failed"
    with tenant_scope(tenant.pk):
        assert get_run(principal, run.pk).error["code"] == "quota_events"
    assert used(tenant, EVENTS) == 3


def test_a_run_that_reschedules_goes_on_from_its_journal_and_counts_nothing_twice(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, mailing("reschedule"))
        run = run_app(principal, app.pk)
    allow(tenant, EMAILS, 2)
    assert run_now(run.pk) == "queued"
    with tenant_scope(tenant.pk):
        waiting = Execution.objects.get()
        midnight = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        assert waiting.run_at == midnight
        assert "all of the 2 e-mails of apps" in waiting.error["message"]
        Execution.objects.update(run_at=datetime.now(UTC))
    roll_window(tenant, EMAILS)
    assert run_now(run.pk) == "succeeded"
    assert used(tenant, EMAILS) == 1
    assert used(tenant, EXECUTIONS) == 1
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().error is None
        assert OutboundMessage.objects.filter(channel="email").count() == 3


def test_ai_calls_are_counted_once_and_refused_when_there_are_none_left(tenant, principal):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([SUMMARY]))
        first, second = run_app(principal, app.pk), None
    assert run_now(first.pk) == "succeeded"
    assert used(tenant, AI_CALLS_PER_HOUR) == 1
    allow(tenant, AI_CALLS_PER_HOUR, 1)
    with tenant_scope(tenant.pk):
        second = run_app(principal, app.pk)
    assert run_now(second.pk) == "failed"
    with tenant_scope(tenant.pk):
        run = get_run(principal, second.pk)
        assert (run.error["code"], run.usage.get("ai", 0)) == ("quota_ai", 0)
    assert used(tenant, AI_CALLS_PER_HOUR) == 1
    assert used(tenant, "ai_calls_per_day") == 1


def test_tokens_that_are_used_up_end_ai_calls(tenant):
    allow(tenant, AI_TOKENS, 100)
    with tenant_scope(tenant.pk):
        quotas.spend("ai", 1)
        quotas.count_tokens({"ai_tokens_in": 90, "ai_tokens_out": 20})
        with pytest.raises(QuotaReached, match="AI tokens"):
            quotas.spend("ai", 1)
    assert used(tenant, AI_TOKENS) == 110


def test_a_rehearsal_counts_nothing_and_is_not_stopped_by_a_quota(tenant, principal, members):
    allow(tenant, EMAILS, 1)
    with tenant_scope(tenant.pk):
        rehearsal = dry_run(principal, mailing())
        assert rehearsal.counts == {"send_email": 3}
        assert not QuotaUse.objects.exists()


def test_a_batch_of_events_costs_one_statement_more_whatever_its_size(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging() | {"settings": {"concurrency": {"mode": "parallel"}}})
    ingest([event(tenant)])
    counts = []
    for size in (1, 50):
        batch = [event(tenant) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            ingest(batch)
        counts.append(sum("engine_quotause" in query["sql"] for query in queries.captured_queries))
    assert counts == [1, 1]


def test_an_operator_changes_a_quota_and_takes_it_back_and_both_are_audited(tenant):
    allow(tenant, EMAILS, 7)
    with tenant_scope(tenant.pk):
        assert _allowed(tenant) == (7, True)
    allow(tenant, EMAILS, None)
    with tenant_scope(tenant.pk):
        assert _allowed(tenant) == (quotas.QUOTAS[EMAILS].usual, False)
        assert AuditEntry.objects.filter(verb="quota.changed").count() == 2
        with pytest.raises(quotas.QuotaUnknown):
            set_quota(system_principal(tenant.pk, "an operator"), "coffee", 1)
        with pytest.raises(quotas.QuotaRefused):
            set_quota(system_principal(tenant.pk, "an operator"), EMAILS, -1)


def _allowed(tenant) -> tuple[int, bool]:
    found = next(use for use in usage(system_principal(tenant.pk, "a look")) if use.name == EMAILS)
    return found.standing.allowed, found.standing.overridden
