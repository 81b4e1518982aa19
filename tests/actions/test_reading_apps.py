"""Apps that read mail, calendar and web, run by the engine: whose account, what is kept, what a failure says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps_engine.services.apps import create_app, update_app
from apps_engine.services.definitions import check
from apps_engine.services.dry_run import dry_run
from apps_engine.services.runs import run_app
from apps_engine.services.starters import create_app_from
from apps_engine.store.models import Effect, Execution, StepResult
from chat.facts import facts_of
from decommerce.accounts.models import ConnectedAccount
from decommerce.community.models import Notification
from decommerce.outgoing.models import OutgoingCall
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.apps_engine.services.running import run_now
from tests.google_server import wire
from tests.google_server.calendar import timed
from tests.google_server.gmail import MESSAGES, Message

pytestmark = pytest.mark.requirement("PIP-05")


def morning(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An app that reads something, and tells the owners what it found."""
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Morning",
        "description": "Reads mail and calendar, and tells the owners.",
        "triggers": [{"id": "hand", "type": "manual", "flow": "main"}],
        "permissions": {"oauth": ["gmail", "calendar"]},
        "flows": {"main": {"steps": list(steps)}},
        "escalation": {
            "on_oauth_failure": "Say that the connection ended, and offer to connect again.",
            "on_rate_limit": "Say that Google is busy.",
        },
        **more,
    }


MAIL = {"id": "mail", "act": "gmail_search", "params": {"query": "is:unread"}}
TELL = {
    "id": "tell",
    "act": "send_notification",
    "params": {
        "to": "owners",
        "title": "{{ mail.count }} unread",
        "body": "{{ mail.messages | pluck: 'subject' | join: ', ' }}",
    },
}


@pytest.fixture
def ann(make_colleague, tenant):
    return make_colleague(tenant, "owner")


@pytest.fixture
def start(tenant, ann):
    """Make an app as a person, run it to its end, and return the run."""

    def make_and_run(definition: dict[str, Any], person=ann, change=None) -> Execution:
        with tenant_scope(tenant.pk):
            app = create_app(principal_of(person, tenant.pk), definition)
            if change is not None:
                update_app(principal_of(change, tenant.pk), app.pk, definition)
            run = run_app(principal_of(person, tenant.pk), app.pk)
        run_now(run.pk)
        with tenant_scope(tenant.pk):
            run.refresh_from_db()
        return run

    return make_and_run


def test_an_app_reads_the_mail_of_the_person_who_made_it(google, connect, tenant, ann, start):
    connect(tenant, ann, "gmail")
    google.mailbox.messages = [Message("m1", "Contract"), Message("m2", "Invoice")]
    run = start(morning(MAIL, TELL))
    assert run.state == "succeeded", run.error
    with tenant_scope(tenant.pk):
        [told] = Notification.objects.filter(member__membership__user=ann)
        assert {call.app_id for call in OutgoingCall.objects.all()} == {run.app_id}
        assert {call.execution_id for call in OutgoingCall.objects.all()} == {run.pk}
    assert (told.title, told.body) == ("2 unread", "Contract, Invoice")


@pytest.mark.requirement("SEC-07")
def test_no_token_is_in_what_the_engine_keeps_of_a_run(google, connect, tenant, ann, start):
    account = connect(tenant, ann, "gmail", seconds=-1)
    google.mailbox.messages = [Message("m1", "Contract")]
    run = start(morning(MAIL, TELL))
    with tenant_scope(tenant.pk):
        account.refresh_from_db()
        kept = [*StepResult.objects.filter(execution=run).values(), *Effect.objects.values()]
        kept += Execution.objects.filter(pk=run.pk).values()
    assert "Contract" in str(kept)
    for secret in (account.access_token, account.refresh_token, "ya29.", "1//0"):
        assert secret not in str(kept)


def test_the_same_question_in_one_run_is_asked_once(google, connect, tenant, ann, start):
    connect(tenant, ann, "gmail")
    run = start(morning(MAIL, {**MAIL, "id": "again"}, TELL))
    assert run.state == "succeeded", run.error
    assert len(google.asked_at(MESSAGES)) == 1


def test_a_revoked_account_ends_the_run_with_the_rule_for_it(google, connect, tenant, ann, start):
    connect(tenant, ann, "gmail", seconds=-1).permission.revoked = True
    run = start(morning(MAIL, TELL))
    assert run.state == "failed"
    assert run.error["code"] == "oauth_revoked"
    assert "offer to connect again" in str([run.error, run.result])


def test_a_busy_google_is_tried_again_later(google, connect, tenant, ann, start):
    connect(tenant, ann, "gmail")
    google.script[MESSAGES] = [wire.too_many("30")]
    run = start(morning(MAIL, TELL))
    assert (run.state, run.attempt) == ("queued", 1)
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run.pk).update(run_at=run.created_at)
    assert run_now(run.pk) == "succeeded"
    assert len(google.asked_at(MESSAGES)) == 2


@pytest.mark.requirement("SEC-01")
def test_what_somebody_else_wrote_reads_nobodys_mail(google, connect, tenant, ann, make_colleague, start):
    connect(tenant, ann, "gmail")
    run = start(morning(MAIL, TELL), change=make_colleague(tenant, "admin"))
    assert (run.state, run.error["code"]) == ("failed", "oauth_not_connected")
    assert "only what that person wrote" in run.error["hint"]
    assert google.asked == []


def test_mail_and_calendar_are_read_with_one_account(google, connect, tenant, ann, start):
    connect(tenant, ann, "gmail", "calendar")
    google.calendars.events["primary"] = [timed(1, "Planning", "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")]
    look = {"id": "plans", "act": "calendar_query", "params": {"days": 1}}
    tell = {**TELL, "params": {**TELL["params"], "title": "{{ plans.count }} planned"}}
    run = start(morning(MAIL, look, tell))
    assert run.state == "succeeded", run.error
    with tenant_scope(tenant.pk):
        assert Notification.objects.get(member__membership__user=ann).title == "1 planned"


def test_an_empty_mailbox_is_told_from_one_that_could_not_be_read(google, connect, tenant, ann, start):
    connect(tenant, ann, "gmail")
    empty = {
        "id": "tell",
        "act": "send_notification",
        "when": "{{ mail.empty }}",
        "params": {"to": "owners", "title": "Nothing new in {{ mail.account }}"},
    }
    assert start(morning(MAIL, empty)).state == "succeeded"
    with tenant_scope(tenant.pk):
        assert Notification.objects.get(member__membership__user=ann).title == "Nothing new in ann@gmail.example"
        ConnectedAccount.objects.update(state="revoked")
    assert start(morning(MAIL, empty, name="Again")).state == "failed"


@pytest.mark.requirement("RUN-12")
def test_a_dry_run_needs_no_account_and_asks_nobody(google, tenant, ann):
    look = {"id": "plans", "act": "calendar_query", "params": {}}
    web = {"id": "web", "act": "web_search", "params": {"query": "boots"}}
    with tenant_scope(tenant.pk):
        rehearsal = dry_run(principal_of(ann, tenant.pk), morning(MAIL, look, web, TELL)).as_dict()
    assert rehearsal["status"] == "succeeded", rehearsal["error"]
    assert "[Sample] Contract to sign today" in str(rehearsal)
    assert google.asked == []


@pytest.mark.requirement("LNG-08")
def test_the_scanner_of_the_specification_rehearses_without_an_account(google, tenant, ann):
    scanner = (Path(__file__).parents[1] / "definitions" / "valid" / "morning_email_scanner.json").read_text()
    with tenant_scope(tenant.pk):
        rehearsal = dry_run(principal_of(ann, tenant.pk), scanner).as_dict()
    assert rehearsal["status"] == "succeeded", rehearsal["error"]
    assert rehearsal["counts"]["gmail_search"] == 1
    assert google.asked == []


@pytest.mark.requirement("APP-09")
def test_the_ready_made_scanner_reads_a_connected_mailbox(google, connect, tenant, ann):
    connect(tenant, ann, "gmail")
    google.mailbox.messages = [Message("m1", "URGENT: sign the contract today"), Message("m2", "Weekly letter")]
    principal = principal_of(ann, tenant.pk)
    with tenant_scope(tenant.pk):
        app = create_app_from(principal, "morning-email-scanner")
        run = run_app(principal, app.pk)
    assert run_now(run.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        found = StepResult.objects.get(execution=run, path__endswith="emails").output
    assert (found["count"], found["empty"], found["sample"]) == (2, False, False)
    assert google.asked_at(MESSAGES)[0].first("q") == "is:unread newer_than:1d"


@pytest.mark.requirement("LNG-09")
def test_who_confirms_an_app_is_told_whose_mail_it_reads(tenant, principal):
    look = {"id": "plans", "act": "calendar_query", "params": {}}
    with tenant_scope(tenant.pk):
        checked = check(principal, morning(MAIL, look, TELL))
    assert checked.report["accounts"] == ["gmail", "calendar"]
    assert "Reads: gmail of the person who made it; calendar of the person who made it." in checked.sentences
    [reads] = [fact for fact in facts_of(checked.report, checked.definition) if fact["label"] == "Reads"]
    assert reads["lines"] == ["Gmail of the person who made the app.", "Calendar of the person who made the app."]
