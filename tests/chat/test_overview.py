"""The first page: what ran, what failed, what waits for somebody; the list of runs; charts and pictures of flows."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps_engine.services.apps import current_version, get_app
from apps_engine.services.overview import activity
from apps_engine.store.models import App, Effect, Execution
from decommerce.tenancy.context import tenant_scope
from tests.chat.definitions import digest

MOST_STATEMENTS = 40


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def make_runs(tenant, person):
    """Store runs of an app, so many minutes ago, in these states."""

    def make(app_id: int, states: list[str], minutes: int = 0) -> list[Execution]:
        then = timezone.now() - timedelta(minutes=minutes)
        with tenant_scope(tenant.pk):
            version = current_version(get_app(person, app_id))
            runs = [
                Execution(
                    app_id=app_id,
                    version=version,
                    flow="main",
                    trigger_type="manual",
                    trigger_id="by_hand",
                    trigger_key=f"test:{minutes}:{number}",
                    state=state,
                    run_at=then,
                    started_at=then,
                    finished_at=then + timedelta(seconds=2),
                    requested_by="the test",
                )
                for number, state in enumerate(states)
            ]
            made = Execution.objects.bulk_create(runs)
            Execution.objects.filter(pk__in=[run.pk for run in made]).update(created_at=then)
        return made

    return make


def test_it_says_what_ran_what_failed_and_what_runs_next(admin, make_app, make_runs):
    app_id = make_app("Nightly", triggers=[{"id": "n", "type": "scheduled", "cron": "0 3 * * *", "flow": "main"}])
    make_runs(app_id, ["succeeded", "failed", "dead"])
    html = words(admin.get("/home/"))
    for part in (
        "<dd>3 runs</dd>",
        '?state=failed">2</a>',
        "What runs next",
        "3 runs, 2 failed, half of them within 2.0 s",
    ):
        assert part in html
    assert html.count(f'href="/apps/{app_id}/">Nightly') == 4


def test_where_nothing_is_it_says_what_to_do(admin):
    html = words(admin.get("/home/"))
    assert "No apps yet" in html
    assert "Nothing ran in these days." in html


def test_it_says_what_waits_for_somebody(admin, make_app, make_runs, tenant):
    app_id = make_app("Broken one")
    (run,) = make_runs(app_id, ["failed"])
    with tenant_scope(tenant.pk):
        App.objects.filter(pk=app_id).update(status="error", status_reason="Five runs failed in a row.")
        Effect.objects.create(
            execution=run, path="main/x", action="call_webhook", state=Effect.State.UNKNOWN, idem_key="x", fence=1
        )
    html = words(admin.get("/home/"))
    assert "Five runs failed in a row." in html
    assert f'Nobody knows whether a call of <a href="/runs/{run.pk}/">' in html


@pytest.mark.requirement("RUN-13")
def test_it_names_dead_runs_until_somebody_takes_them_up(admin, make_app, make_runs, tenant):
    app_id = make_app("Loop")
    make_runs(app_id, ["dead"], minutes=15 * 24 * 60)
    make_runs(app_id, ["failed", "succeeded"])
    assert "Nothing." in words(admin.get("/home/"))
    one, two = make_runs(app_id, ["dead", "dead"], minutes=5)
    html = words(admin.get("/home/"))
    assert f'<a href="/runs/?state=dead&app={app_id}">2 runs</a> of Loop were given up' in html
    assert "Runs that were given up" in words(admin.get("/approvals/"))
    admin.post(f"/runs/{one.pk}/again/")
    assert ">1 run</a> of Loop was given up" in words(admin.get("/home/"))
    admin.post(f"/runs/{two.pk}/retry/")
    assert "given up" not in words(admin.get("/home/"))
    assert "Nothing waits for you" in words(admin.get("/approvals/"))


@pytest.mark.requirement("CHT-10")
def test_days_are_those_of_the_tenants_zone(make_tenant, make_person, signed_in):
    tenant = make_tenant("Auckland", "Pacific/Auckland")
    html = words(signed_in(make_person(tenant)).get("/home/"))
    assert "Days and times are those of Pacific/Auckland." in html


def test_a_day_counts_once_and_only_its_own_app(make_app, make_runs, person, tenant):
    one, other = make_app("One"), make_app("Other")
    make_runs(one, ["succeeded", "failed"])
    make_runs(one, ["succeeded"], minutes=3 * 24 * 60)
    make_runs(other, ["succeeded"])
    with tenant_scope(tenant.pk):
        seen = activity(person)
    assert sum(day.runs for day in seen.days) == 4
    assert [sum(day.runs for day in seen.by_app[number]) for number in (one, other)] == [3, 1]
    assert (seen.today.runs, seen.today.failed) == (3, 1)


def test_the_list_of_runs_goes_on_where_a_page_ends_and_keeps_its_filter(admin, make_app, make_runs):
    app_id = make_app()
    make_runs(app_id, ["succeeded"] * 30 + ["failed"] * 55)
    html = words(admin.get("/runs/?state=failed"))
    assert html.count('class="run-number"') == 50
    older = html.partition("?before=")[2].partition('"')[0]
    assert words(admin.get(f"/runs/?before={older}".replace("&amp;", "&"))).count('class="run-number"') == 5
    html = words(admin.get("/runs/?state=dead&before=x"))
    assert "No run failed at its last attempt." in html
    assert "No run failed." not in html


@pytest.mark.requirement("RUN-13")
@pytest.mark.parametrize("state", ["failed", "dead"])
def test_lists_of_runs_say_why_each_failed_and_only_to_whom_it_may_be_told(
    admin, signed_in, make_person, make_app, make_runs, tenant, state
):
    app_id = make_app(permissions={"oauth": ["gmail"]})
    make_runs(app_id, ["succeeded"])
    assert "Reason" not in words(admin.get("/runs/"))
    (run,) = make_runs(app_id, [state], minutes=1)
    with tenant_scope(tenant.pk):
        message = "ada@example.org <b>refused</b> it. " + "x" * 200
        Execution.objects.filter(pk=run.pk).update(error={"code": "worker_lost", "message": message})
    for address in (f"/runs/?state={state}", "/runs/", f"/apps/{app_id}/", "/home/"):
        html = words(admin.get(address))
        assert "Reason" in html
        assert "ada@example.org <b>refused</b> it. xxx" in html
        assert "x" * 160 not in html
    others = words(signed_in(make_person(tenant, "moderator")).get(f"/runs/?state={state}"))
    assert "refused" not in others
    assert "The worker stopped in the middle of the run" in others


def test_the_runs_of_one_app_have_a_page_of_their_own(admin, make_app, make_runs):
    one, other = make_app("One"), make_app("Other")
    make_runs(one, ["succeeded", "failed"])
    make_runs(other, ["failed"])
    assert f'href="/runs/?app={one}"' in words(admin.get(f"/apps/{one}/"))
    html = words(admin.get(f"/runs/?app={one}"))
    assert "Runs of “One”" in html
    assert html.count('class="run-number"') == 2
    assert f'href="/runs/?state=failed&app={one}"' in html
    assert words(admin.get(f"/runs/?state=failed&app={one}")).count('class="run-number"') == 1
    assert admin.get("/runs/?app=999999999").status_code == 404


def test_what_is_planned_says_its_time_in_the_zone_of_the_community(admin, make_app):
    app_id = make_app(triggers=[{"id": "daily", "type": "scheduled", "cron": "5 9 * * *", "flow": "main"}])
    html = words(admin.get(f"/apps/{app_id}/"))
    assert re.search(r"It runs <time [^>]*>\w{3} \d+ \w{3}, \d\d:05</time>, then <time", html)
    assert "as clocks go in UTC" in html
    assert re.search(r"<time [^>]*>\w{3} \d+ \w{3}, \d\d:05</time>, <time", words(admin.get("/home/")))


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("address", ["/home/", "/runs/", "/apps/"])
def test_another_tenant_sees_none_of_it_and_a_member_is_refused(
    signed_in, make_person, make_app, make_runs, tenant, other_tenant, address
):
    make_runs(make_app("Secret digest"), ["failed"])
    html = words(signed_in(make_person(other_tenant, "owner")).get(address))
    assert "Secret digest" not in html
    assert signed_in(make_person(tenant, "member")).get(address).status_code == 403


@pytest.mark.parametrize("address", ["/home/", "/runs/", "/apps/"])
def test_a_page_asks_as_often_for_many_apps_and_runs_as_for_few(admin, make_app, make_runs, address):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            admin.get(address)
        return len(asked)

    make_runs(make_app(), ["failed"] * 5)
    few = statements()
    for number in range(5):
        make_runs(make_app(f"App {number}"), ["succeeded", "failed"] * 10)
    assert statements() == few <= MOST_STATEMENTS


def test_an_apps_flow_is_drawn_with_its_loops_and_ways(admin, make_app):
    branch = {
        "id": "way",
        "branch": [
            {"when": "members | length > 3", "steps": [digest()["flows"]["main"]["steps"][1]]},
            {"steps": [{**digest()["flows"]["main"]["steps"][1], "id": "other"}]},
        ],
    }
    steps = [digest()["flows"]["main"]["steps"][0], branch]
    html = words(admin.get(f"/apps/{make_app(flows={'main': {'steps': steps}})}/"))
    picture = html.partition('<div class="flow"')[2].partition("</section>")[0]
    for part in ("when an admin starts it", "Read members", "Decide which way", "Otherwise", "“Members”"):
        assert part in picture
    assert "If the number of “members” is more than 3" in picture
    assert picture.count('<div class="flow-box">') == 7
    assert picture.count("<ol>") == 4
