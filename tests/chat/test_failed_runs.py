"""What the pages offer where runs failed: all of them once more, and settling what nobody knows (RUN-05, RUN-13)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import connections

from apps_engine.services.apps import pause_app
from apps_engine.services.replays import replay_failed, replay_others
from apps_engine.services.runs import list_runs, run_app
from apps_engine.services.starters import create_app_from
from apps_engine.store.models import App, Effect, Execution
from decommerce.tenancy.context import tenant_scope
from tests.meeting import WAITING
from tests.waiting import until


@pytest.fixture
def failed(tenant, person, make_app) -> Execution:
    """A failed run of an app."""
    app_id = make_app()
    with tenant_scope(tenant.pk):
        run = run_app(person, app_id)
        Execution.objects.filter(pk=run.pk).update(state="failed", error={"code": "x", "message": "It broke."})
    return run


@pytest.fixture
def more_failed(tenant, failed) -> Callable[[int], None]:
    """More runs that failed as the first one did."""

    def fail(count: int) -> None:
        with tenant_scope(tenant.pk):
            run = Execution.objects.get(pk=failed.pk)
            shown = {field.attname: getattr(run, field.attname) for field in Execution._meta.concrete_fields}
            for number in range(count):
                Execution.objects.create(**{**shown, "id": None, "trigger_key": f"more:{number}"})

    return fail


def again_in_turn(tenant) -> None:
    """Each failed run was run again once, in their order, one a second also from one press to the next."""
    with tenant_scope(tenant.pk):
        copies = Execution.objects.filter(state="queued").order_by("pk").values_list("trigger_key", "run_at")
        runs = Execution.objects.filter(state="failed").order_by("pk").values_list("pk", flat=True)
        assert [key.split(":")[1] for key, _ in copies] == [str(run) for run in runs]
        assert all(0 < (two - one).total_seconds() < 2 for (_, one), (_, two) in pairwise(copies))


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.requirement("RUN-13")
def test_of_a_paused_app_it_is_said_that_its_failed_runs_start_when_it_is_resumed(
    admin, failed, more_failed, person, tenant
):
    more_failed(4)
    with tenant_scope(tenant.pk):
        pause_app(person, failed.app_id, "holiday")
    html = words(admin.post(f"/apps/{failed.app_id}/retry-failed/", follow=True))
    assert "5 failed runs are queued again. They start when the app is resumed: it is paused." in html


@pytest.mark.requirement("RUN-13")
@pytest.mark.parametrize(("deed", "states"), [("retry-failed", ["queued"]), ("failed-again", ["queued", "failed"])])
def test_all_failed_runs_of_an_app_are_taken_up_by_one_button(admin, failed, person, tenant, deed, states):
    address = f"/apps/{failed.app_id}/"
    assert "1 run failed. Taken up again" in words(admin.get(address))
    assert "1 failed run is queued again." in words(admin.post(f"{address}{deed}/", follow=True))
    with tenant_scope(tenant.pk):
        assert [run.state for run in list_runs(person, failed.app_id)] == states


@pytest.mark.requirement("RUN-13")
@pytest.mark.parametrize("deed", ["retry-failed", "failed-again"])
def test_failed_runs_of_an_app_in_error_are_taken_up_too_and_wait_until_it_is_resumed(admin, failed, tenant, deed):
    with tenant_scope(tenant.pk):
        App.objects.update(status="error", status_reason="It broke.")
    address = f"/apps/{failed.app_id}/"
    assert "Taken up again, they wait until the app is resumed" in words(admin.get(address))
    html = words(admin.post(f"{address}{deed}/", follow=True))
    assert "1 failed run is queued again." in html
    assert "One run waits and goes on when it is resumed" in html
    html = words(admin.post(f"{address}resume/", follow=True))
    assert "The app is active again. One run that waited goes on." in html


@pytest.mark.requirement("RUN-13")
def test_one_press_retries_more_failed_runs_than_one_call_at_one_rate(admin, failed, more_failed, tenant, monkeypatch):
    monkeypatch.setattr("apps_engine.services.replays.MOST_AT_ONCE", 3)
    more_failed(75)
    address = f"/apps/{failed.app_id}/"
    assert "76 runs failed." in words(admin.get(address))
    html = words(admin.post(f"{address}retry-failed/", follow=True))
    assert "76 failed runs are queued again, one a second: the last begins in 1 minute." in html
    assert "more are left" not in html
    with tenant_scope(tenant.pk):
        begin = Execution.objects.filter(state="queued").order_by("pk").values_list("run_at", flat=True)
        apart = [round((later - earlier).total_seconds()) for earlier, later in pairwise(begin)]
    assert apart == [1] * 75


@pytest.mark.requirement("RUN-13")
def test_what_one_press_left_is_run_again_by_the_next_and_nothing_twice(
    admin, failed, more_failed, tenant, monkeypatch
):
    monkeypatch.setattr("apps_engine.services.replays.MOST_AT_ONCE", 4)
    for place in ("chat.views.app", "chat.replay_words"):
        monkeypatch.setattr(f"{place}.MOST_FAILED", 4)
    more_failed(5)
    address = f"/apps/{failed.app_id}/"
    assert "More than 4 runs failed." in words(admin.get(address))
    html = words(admin.post(f"{address}failed-again/", follow=True))
    assert "4 failed runs are queued again, one a second. That is as many as one press takes; more are left" in html
    for _ in range(2):
        html = words(admin.post(f"{address}others-again/", follow=True))
        assert "2 failed runs are queued again, one a second." in html
        assert "Run the others again" not in html
    again_in_turn(tenant)


@pytest.mark.requirement("RUN-13")
def test_of_two_presses_at_once_the_second_goes_on_behind_the_first(
    admin, failed, more_failed, person, tenant, owner_connection, monkeypatch
):
    monkeypatch.setattr("apps_engine.services.replays.MOST_AT_ONCE", 2)
    more_failed(5)
    address = f"/apps/{failed.app_id}/"
    admin.post(f"{address}failed-again/")

    def press() -> int:
        try:
            return admin.post(f"{address}others-again/").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as others:
        with tenant_scope(tenant.pk):
            replay_others(person, failed.app_id)
            second = others.submit(press)
            until(lambda: owner_connection.execute(WAITING).fetchone()[0], "the second press waits for the first")
        assert second.result(timeout=30) == 302
    again_in_turn(tenant)


@pytest.mark.requirement("RUN-13")
def test_a_retry_in_between_does_not_hide_what_is_left_to_run_again(
    admin, failed, more_failed, person, tenant, monkeypatch
):
    monkeypatch.setattr("apps_engine.services.replays.MOST_AT_ONCE", 4)
    more_failed(5)
    admin.post(f"/apps/{failed.app_id}/failed-again/")
    with tenant_scope(tenant.pk):
        replay_failed(person, failed.app_id, way="retry")
        Execution.objects.exclude(trigger_key__startswith="replay:").update(state="failed")
        replay_others(person, failed.app_id)
    again_in_turn(tenant)


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize(("outcome", "state"), [("done", "done"), ("failed", "failed")])
def test_a_call_of_which_nobody_heard_is_settled_on_the_runs_page(admin, failed, tenant, outcome, state):
    with tenant_scope(tenant.pk):
        effect = Effect.objects.create(
            execution=failed,
            path="main/call",
            action="call_webhook",
            state=Effect.State.UNKNOWN,
            idem_key="k1",
            fence=1,
            request={"body": {"message_id": "msg_7", "url": "https://hooks.example.com/in?token=never-shown"}},
        )
    html = words(admin.get(f"/runs/{failed.pk}/"))
    assert "sent to hooks.example.com with the <code>webhook-id</code> <code>msg_7</code>" in html
    assert "never-shown" not in html
    assert "Nobody knows what became of 1 call outside" in html
    assert "Noted." in words(admin.post(f"/runs/{failed.pk}/effects/{effect.pk}/{outcome}/", follow=True))
    with tenant_scope(tenant.pk):
        assert Effect.objects.get(pk=effect.pk).state == state
    assert "Nobody knows" not in words(admin.get(f"/runs/{failed.pk}/"))
    assert admin.post(f"/runs/{failed.pk}/effects/{effect.pk}/perhaps/").status_code == 404


@pytest.mark.requirement("APP-09")
def test_a_second_app_of_the_same_starter_is_warned_of_and_gets_another_name(admin, person, tenant):
    assert "You already have" not in words(admin.get("/starters/weekly-digest/"))
    with tenant_scope(tenant.pk):
        create_app_from(person, "weekly-digest", name="Weekly engagement digest")
    html = words(admin.get("/starters/weekly-digest/"))
    assert "A second one does its work a second time" in html
    assert 'value="Weekly engagement digest 2"' in html


def test_the_navigation_calls_ready_made_apps_what_their_page_does(admin):
    html = words(admin.get("/starters/"))
    assert "<span>Ready-made apps</span>" in html
    assert "Gallery" not in html


def test_a_run_says_its_answer_as_people_read_it(admin, person, tenant, run_to_its_end):
    with tenant_scope(tenant.pk):
        app_id = create_app_from(person, "bill-split").pk
    html = words(admin.get(f"/runs/{run_to_its_end(app_id)}/")).partition('id="result"')[2]
    assert '<div class="deed-text"><p>110.00 for 3: Ada, Ben, Cleo pay' in html
    assert "&quot;template&quot;: &quot;110.00 for" not in html
