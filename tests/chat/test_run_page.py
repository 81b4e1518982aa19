"""What a run's page says of loops, of tasks and of failures for which the app has words of its own."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.services.apps import create_app, pause_app, update_app
from apps_engine.services.quotas import AI_CALLS_PER_HOUR, EXECUTIONS, set_quota
from apps_engine.services.runs import cancel_run, list_runs, run_app
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition

LATER = {"id": "later", "act": "schedule_task", "params": {"flow": "remind", "delay": "2h", "data": {"bill": 7}}}
TELL = {"id": "tell", "act": "send_notification", "params": {"to": "team", "title": "Bill {{ trigger.bill }}"}}
SUMMARY = {"id": "summary", "act": "ai_generate", "params": {"prompt": "Write a line.", "output_schema": None}}
HELLO = {**TELL, "params": {"to": "team", "title": "Hello"}}


def shown(browser: Any, run: int) -> str:
    answer = browser.get(f"/runs/{run}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.fixture
def run_of(tenant, person, run_to_its_end):
    """Store a definition, run it, and give the run's number."""

    def run(source: dict[str, Any]) -> int:
        with tenant_scope(tenant.pk):
            app_id = create_app(person, source).pk
        return run_to_its_end(app_id)

    return run


@pytest.mark.requirement("ACT-03")
def test_it_says_how_far_a_loop_is(admin, tenant, run_of):
    loop = {
        "id": "all",
        "each": [1, 2, 3],
        "as": "n",
        "steps": [{**TELL, "params": {"to": "team", "title": "{{ n }}!"}}],
    }
    run = run_of(definition([loop]))
    assert "3 of 3 items" in shown(admin, run)
    with tenant_scope(tenant.pk):
        running = {"state": Execution.State.RUNNING, "progress": {"path": "main/all", "done": 2, "total": 3}}
        Execution.objects.filter(pk=run).update(**running)
    assert "2 of 3 items" in shown(admin, run)


def test_what_a_loop_did_for_each_item_is_folded(admin, run_of):
    loop = {
        "id": "all",
        "each": [1, 2, 3],
        "as": "n",
        "steps": [{**TELL, "params": {"to": "team", "title": "{{ n }}!"}}, {**TELL, "id": "again"}],
    }
    loop["steps"][1]["params"] = {"to": "team", "title": "again"}
    html = shown(admin, run_of(definition([loop])))
    folded = html.partition("What it did for each item")[2]
    assert folded.count("Sends notifications") >= 2
    assert "Sends notifications" not in html.partition("What it did for each item")[0]


@pytest.mark.requirement("ACT-09")
def test_a_task_says_who_set_it_and_that_its_time_has_not_come(admin, tenant, person, run_of):
    run_of(definition([], flows={"main": {"steps": [LATER]}, "remind": {"steps": [TELL]}}))
    with tenant_scope(tenant.pk):
        (task, _) = list_runs(person, "An app")
        Execution.objects.filter(pk=task.pk).update(requested_by="")
    html = shown(admin, task.pk)
    for words in ("The app had set itself a task", "Set by the app itself", "Set for a later time"):
        assert words in html


@pytest.mark.requirement("RUN-07")
@pytest.mark.parametrize("on_quota", ["skip", "reschedule"])
def test_where_the_quota_is_used_up_home_says_so_and_a_run_that_waits_for_it_too(admin, tenant, person, on_quota):
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([HELLO], settings={"on_quota": on_quota, "concurrency": {"mode": "queue"}}))
        run = run_app(person, app.pk)
        assert "are used" not in " ".join(admin.get("/home/").content.decode().split())
        set_quota(system_principal(tenant.pk, "an operator"), EXECUTIONS, 1)
        if on_quota == "reschedule":
            run = run_app(person, app.pk)
    html = " ".join(admin.get("/home/").content.decode().split())
    assert 'All 1 <a href="/usage/">runs of apps</a> of this hour are used' in html
    said = "Waiting for the quota of runs, which was used up: it has room for this one <time"
    assert (said in shown(admin, run.pk)) == (on_quota == "reschedule")
    listed = "The quota of runs was used up: it waits for the hour that has room for it."
    assert (listed in admin.get("/runs/").content.decode()) == (on_quota == "reschedule")


@pytest.mark.requirement("RUN-07")
@pytest.mark.parametrize(("on_quota", "state"), [("skip", "failed"), ("reschedule", "queued")])
def test_a_quota_that_a_run_meets_at_work_is_told_with_how_much_until_when_and_where_to_look(
    admin, tenant, person, run_to_its_end, on_quota, state
):
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([SUMMARY], settings={"on_quota": on_quota}))
        set_quota(system_principal(tenant.pk, "an operator"), AI_CALLS_PER_HOUR, 0)
    run = run_to_its_end(app.pk)
    with tenant_scope(tenant.pk):
        assert Execution.objects.get(pk=run).state == state
    told = "The community has used all of the 0 AI calls of apps it may have this hour; there are new ones at"
    link = '<a href="/usage/">What is used, and when there is more</a>'
    html = shown(admin, run)
    assert told in html
    assert link in html
    assert "an operator can allow more" in html
    assert ("Waiting for the quota: it goes on <time" in html) == (state == "queued")
    for address in ("/runs/", f"/apps/{app.pk}/"):
        assert told in admin.get(address).content.decode()
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run).update(state="cancelled")
    assert (told in shown(admin, run)) == (state == "failed"), "what waited waits for nothing any more"


def test_a_run_that_has_begun_says_when_it_goes_on(admin, tenant, run_of):
    run = run_of(definition([HELLO]))
    with tenant_scope(tenant.pk):
        later = timezone.now() + timedelta(hours=2)
        Execution.objects.filter(pk=run).update(state="queued", finished_at=None, run_at=later)
    html = shown(admin, run)
    assert "It goes on <time" in html
    assert "running" not in html
    assert "Waiting for a worker" not in html


def test_a_run_of_a_paused_app_says_that_it_waits_until_the_app_is_resumed(admin, tenant, person):
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([HELLO]))
        run = run_app(person, app.pk)
        assert "Waiting for a worker…" in shown(admin, run.pk)
        pause_app(person, app.pk, "holiday")
        html = shown(admin, run.pk)
        assert f'is resumed. <a href="/apps/{app.pk}/">Open the app</a>' in html
        assert "Waiting for a worker" not in html
        Execution.objects.update(run_at=timezone.now() + timedelta(hours=2))
    assert "is resumed, and set for a later time: <time" in shown(admin, run.pk)


def test_a_run_that_is_set_for_later_says_when_in_the_lists_and_its_app_when_the_next_is(admin, tenant, person):
    later = timezone.now() + timedelta(hours=2, minutes=1)
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([HELLO], settings={"concurrency": {"mode": "queue"}}))
        first, second = run_app(person, app.pk), run_app(person, app.pk)
        assert "when it is triggered" in admin.get(f"/apps/{app.pk}/").content.decode()
        Execution.objects.filter(pk=first.pk).update(run_at=later + timedelta(days=2), started_at=timezone.now())
        Execution.objects.filter(pk=second.pk).update(run_at=later)
    for address in ("/runs/", f"/apps/{app.pk}/"):
        html = admin.get(address).content.decode()
        assert f"It is set for {later:%Y-%m-%d %H:%M} UTC." in html
        assert "It goes on at" in html
    assert "when it is triggered" not in html
    assert "<dd>in 2 hours" in re.sub("<time[^>]*>", "", html)


def test_a_run_in_a_pause_says_until_when_and_which_attempt_it_is(admin, tenant, person, run_of):
    run = run_of(definition([{"id": "rest", "pause": {"for": "2h"}}, HELLO]))
    with tenant_scope(tenant.pk):
        due = Execution.objects.get(pk=run).run_at
    html = shown(admin, run)
    assert f"Until {due:%Y-%m-%d %H:%M} UTC" in html
    assert "<dt>Attempt</dt><dd>1</dd>" in html
    with tenant_scope(tenant.pk):
        cancel_run(person, run)
    assert "<dt>Attempt</dt><dd>1</dd>" in shown(admin, run)


def test_a_run_says_behind_which_run_it_waits(admin, tenant, person):
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([HELLO], settings={"concurrency": {"mode": "queue"}}))
        first, second = run_app(person, app.pk), run_app(person, app.pk)
        Execution.objects.filter(pk=first.pk).update(state="running", started_at=timezone.now())
    assert f"It waits for its turn: run {first.pk} is at work." in shown(admin, second.pk)


def test_a_run_that_was_skipped_waits_for_nothing(admin, tenant, person):
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([HELLO], settings={"concurrency": {"mode": "skip"}}))
        run_app(person, app.pk)
        skipped = run_app(person, app.pk)
    html = shown(admin, skipped.pk)
    assert "<dt>Waited</dt><dd>—</dd>" in html


@pytest.mark.requirement("RUN-11")
def test_a_failure_is_told_in_the_apps_own_words_first(admin, run_of):
    steps = [
        {"id": "none", "fetch": "posts", "fields": ["id"], "where": {"id": -1}, "limit": 1},
        {**TELL, "params": {"to": "team", "title": "Post {{ none[0].id }}"}},
    ]
    html = shown(admin, run_of(definition(steps, escalation={"on_empty_result": "I looked: <b>nothing</b> new."})))
    assert html.index("I looked: &lt;b&gt;nothing&lt;/b&gt; new.") < html.index("none[0].id")


@pytest.mark.requirement("RUN-11")
def test_a_step_that_failed_or_was_not_needed_has_the_title_of_its_definition(admin, run_of):
    divide = {"id": "divided", "transform": "calculate", "params": {"expression": "1 / {{ size }}"}, "when": "size < 1"}
    loop = {"each": [1, 0], "as": "size", "steps": [{"branch": [{"steps": [divide]}]}]}
    empty = {"id": "none", "fetch": "posts", "fields": ["id"], "where": {"id": -1}, "limit": 1}
    broken = {**TELL, "params": {"to": "team", "title": "Post {{ none[0].id }}"}, "on_error": "continue"}
    html = shown(admin, run_of(definition([{**HELLO, "id": "never", "when": "1 > 2"}, empty, broken, loop])))
    assert re.findall(r'step-title">([^<]*)<', html) == [
        "Started by hand",
        "Sends notifications",
        "Read posts",
        "Sends notifications",
        "Decide which way",
        "Work out a value",
        "Work out a value",
    ]
    assert html.count("division_by_zero") == 2


def test_an_admin_is_led_from_a_refused_domain_to_those_that_are_allowed(admin, signed_in, make_person, tenant, run_of):
    call = {"id": "call", "act": "webhook", "params": {"url": "https://hooks.example.com/in", "body": {"a": 1}}}
    run = run_of({**definition([call]), "permissions": {"domains": ["hooks.example.com"]}})
    moderator = signed_in(make_person(tenant, "moderator"))
    for browser, is_led in ((admin, True), (moderator, False)):
        note = shown(browser, run).partition("is not on the list of domains")[2].partition("</section>")[0]
        assert ('<a href="/domains/">Allowed domains</a>' in note) == is_led


@pytest.mark.requirement("SEC-06")
def test_a_run_on_somebodys_mailbox_shows_others_only_how_it_went(admin, signed_in, make_person, tenant, run_of):
    count = {"id": "sum", "transform": "calculate", "params": {"expression": "40 + 2"}}
    mailbox = {**definition([count, TELL | {"params": {"to": "team", "title": "Found {{ sum }}"}}])}
    run = run_of({**mailbox, "permissions": {"oauth": ["gmail"]}})
    assert "Found 42" in shown(admin, run)
    others = shown(signed_in(make_person(tenant, "moderator")), run)
    assert "Found 42" not in others
    assert "who alone sees it" in others
    assert "Work out a value" in others


@pytest.mark.requirement("RUN-13")
def test_running_again_is_offered_where_the_newest_version_takes_what_started_it(admin, tenant, person, run_of):
    run = run_of(definition([HELLO]))
    assert "Run again" in shown(admin, run)
    other = {"triggers": [{"id": "another", "type": "manual", "flow": "main"}]}
    with tenant_scope(tenant.pk):
        update_app(person, "An app", definition([HELLO], **other))
    assert "Run again" not in shown(admin, run)
