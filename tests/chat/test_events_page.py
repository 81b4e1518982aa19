"""The log of events on the pages: who listened, and why not (TRG-11)."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.services.apps import pause_app
from apps_engine.services.decisions import Refusal, record_decisions
from apps_engine.services.enqueue import event_keys
from apps_engine.services.tick import tick
from apps_engine.store.models import AppVersion, EventInbox, Execution, Schedule
from decommerce.community.models import OutboxEvent
from decommerce.operations.figures import STUCK_AFTER
from decommerce.tenancy.context import tenant_scope

POST = {"post": {"id": 1, "body_length": 12, "status": "published"}, "author": {"id": 1, "role": "member"}}
TRIGGER = {"id": "posted", "type": "event", "event": "post.created", "flow": "main"}


@pytest.fixture
def make_event(tenant):
    """Store an event as it arrives."""

    def make(number: int = 1, kind: str = "post.created") -> int:
        with tenant_scope(tenant.pk):
            row = EventInbox.objects.create(
                event_id=f"e{number}",
                source="community",
                dedupe_key=f"e{number}",
                type=kind,
                time=timezone.now(),
                data=POST,
            )
        return row.pk

    return make


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.mark.requirement("TRG-11")
def test_an_event_says_who_listened_and_why_it_did_not_run(admin, make_app, make_event):
    long = {"post.body_length": {"gte": 80}}
    make_app("Long posts", triggers=[{**TRIGGER, "filter": long}])
    make_app("By hand only")
    number = make_event()
    make_app("Came later", triggers=[TRIGGER])
    html = words(admin.get(f"/events/{number}/"))
    assert "The app asks for post.body_length to be at least 80; it was 12." in html
    assert "The app was made after the event." in html
    assert "By hand only" not in html
    assert '"body_length": 12' in html


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize(
    ("states", "standing", "why"),
    [
        (["skipped", "skipped"], "Did not run", "which was skipped. It was left by a <b>."),
        (["skipped", "queued"], "Waiting", "which is queued."),
        (["cancelled", "cancelled"], "Cancelled", "which was cancelled."),
        (["skipped", "failed"], "Ran", "which failed."),
    ],
)
def test_an_event_whose_runs_never_began_is_not_said_to_have_run_an_app(
    admin, make_app, make_event, tenant, states, standing, why
):
    waits = [{"delay": "1h", "flow": "main"}, {"delay": "2h", "flow": "main"}]
    app = make_app("In parts", triggers=[{**TRIGGER, "type": "delayed", "sequence": waits}])
    number = make_event()
    error = {"code": "no_longer_wanted", "message": "It was left by a <b>."}
    with tenant_scope(tenant.pk):
        version = AppVersion.objects.get(app_id=app).pk
        for key, state in zip(event_keys("posted", number, 2)[1:], states, strict=True):
            planned = {"trigger_id": "posted", "trigger_key": key, "flow": "main", "run_at": timezone.now()}
            ended = {"state": state, "error": error if state == "skipped" else None}
            Execution.objects.create(app_id=app, version_id=version, **planned, **ended)
    html = words(admin.get(f"/events/{number}/"))
    assert f">{standing}</span>" in html
    skipped = states.count("skipped")
    assert admin.get("/events/").content.decode().count(">skipped</span>") == skipped
    assert words(admin.get("/runs/")).count('<td class="run-reason">It was left by a') == skipped
    assert why in html


@pytest.mark.requirement("TRG-11")
def test_an_apps_page_leads_to_what_became_of_an_event_there(admin, make_app, make_event, tenant):
    app, other = make_app("By hand only"), make_app("Posts", triggers=[TRIGGER])
    number = make_event(7)
    with tenant_scope(tenant.pk):
        record_decisions([Refusal(app, "t", "filtered", "e7"), Refusal(app, "u", "missed", "long-gone")])
    html = words(admin.get(f"/apps/{app}/"))
    assert f'<a href="/events/{number}/?app={app}"><code>e7</code></a>' in html
    assert "event <code>long-gone</code>" in html
    answer = admin.get(f"/apps/{app}/why/", {"event": " e7 "})
    assert (answer.status_code, answer["Location"]) == (302, f"/events/{number}/?app={app}")
    by_number = admin.get(f"/apps/{app}/why/", {"event": str(number)})
    assert by_number["Location"] == answer["Location"], "the list of events shows both"
    told = words(admin.get(answer["Location"]))
    assert "At that time the app listened to no event." in told, "it is told of the app that was asked about too"
    assert told.index("By hand only") < told.index("Posts")
    assert admin.get(f"/events/{number}/?app={other + 1000}").status_code == 404


@pytest.mark.requirement("TRG-11")
def test_an_apps_page_says_of_schedules_that_they_passed_while_it_was_paused(admin, make_app, tenant, person):
    app = make_app("Hourly", triggers=[{"id": "hourly", "type": "scheduled", "cron": "0 * * * *", "flow": "main"}])
    with tenant_scope(tenant.pk):
        pause_app(person, app, "On holiday")
        Schedule.objects.update(next_fire_at=timezone.now() - timedelta(minutes=90))
    tick()
    html = words(admin.get(f"/apps/{app}/"))
    assert "A scheduled time passed while the app was paused, and is not made up. On holiday" in html
    assert "2 times, last" in html or "3 times, last" in html


@pytest.mark.requirement("TRG-11")
def test_an_event_that_nobody_knows_is_said_so_at_the_field(admin, make_app, signed_in, make_person, tenant):
    app = make_app("By hand only")
    answer = admin.get(f"/apps/{app}/why/", {"event": "<e8>\x00"})
    html = words(answer)
    assert answer.status_code == 404
    assert 'value="<e8>"' in html
    assert 'aria-describedby="event-fault" autofocus' in html
    assert "No event “<e8>” arrived here." in html
    assert "Give its id, or its number in the list of events." in html
    assert "Write the id of an event, or its number" in words(admin.get(f"/apps/{app}/why/"))
    member = signed_in(make_person(tenant, "member"))
    assert member.get(f"/apps/{app}/why/", {"event": "e8"}).status_code == 403


def test_events_are_listed_by_kind_and_go_on_where_a_page_ends(admin, make_event):
    for number in range(52):
        make_event(number)
    make_event(99, "member.joined")
    html = words(admin.get("/events/?type=post.created"))
    assert html.count('data-label="Event"') == 50
    assert "<code>e51</code>" in html, "its id is what the API knows it by"
    older = html.partition("?before=")[2].partition("&")[0]
    assert words(admin.get(f"/events/?before={older}&type=post.created")).count('data-label="Event"') == 2
    assert words(admin.get("/events/?type=member.joined")).count('data-label="Event"') == 1
    assert "No such event arrived" in words(admin.get("/events/?type=nonsense%00"))


@pytest.mark.requirement("SEC-01")
def test_another_tenants_events_do_not_exist_and_members_see_none(
    signed_in, make_person, make_event, tenant, other_tenant
):
    number = make_event()
    rival = signed_in(make_person(other_tenant, "owner"))
    assert rival.get(f"/events/{number}/").status_code == 404
    assert "Nothing happened yet" in words(rival.get("/events/"))
    member = signed_in(make_person(tenant, "member"))
    assert [member.get(address).status_code for address in ("/events/", f"/events/{number}/")] == [403, 403]


@pytest.mark.requirement("TRG-08")
def test_what_could_not_be_taken_in_is_told_to_its_tenant_alone(admin, signed_in, make_person, tenant, other_tenant):
    with tenant_scope(tenant.pk):
        stuck = OutboxEvent.objects.create(event_id="s1", envelope={"type": "post.created"}, attempts=STUCK_AFTER)
        OutboxEvent.objects.create(event_id="s2", envelope={"type": "post.updated"}, attempts=1)
    html = words(admin.get("/events/"))
    assert "1 event could not be taken in yet" in html
    assert "could not be taken in" not in words(signed_in(make_person(other_tenant, "owner")).get("/events/"))
    with tenant_scope(tenant.pk):
        OutboxEvent.objects.filter(pk=stuck.pk).delete()
    assert "could not be taken in" not in words(admin.get("/events/"))
