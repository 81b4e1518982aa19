"""A draft is rehearsed beside the live version of its app, and the two are compared (RUN-15)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.services import shadow_turns
from apps_engine.services.apps import create_app, delete_app, update_app
from apps_engine.services.errors import NothingRecorded, ShadowNotFound, ShadowUnderWay, TooManyShadows
from apps_engine.services.shadow_turns import take_turns
from apps_engine.services.shadows import MOST_AT_ONCE, begin_shadow, end_shadow, get_shadow, shadow_as_dict
from apps_engine.store.models import App, EventInbox, Execution, Shadow
from apps_engine.store.rehearsals import MOST_AT_ONCE as PLACES
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.apps_engine.services.definitions import definition

pytestmark = pytest.mark.requirement("RUN-15")

POSTED = {"type": "event", "event": "post.created"}


def tell(title: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": title}, **more}


LIVE = definition([tell()], {**POSTED, "filter": {"post.body_length": {"lt": 80}}}, name="Short posts")
DRAFT = definition([tell(), {**tell(), "id": "again"}], {**POSTED, "filter": {"post.body_length": {"lt": 200}}})


@pytest.fixture(autouse=True)
def at_once(monkeypatch) -> None:
    """What arrived can be looked at."""
    monkeypatch.setattr(shadow_turns, "SETTLED", timedelta(0))


@pytest.fixture
def app(tenant, principal, members) -> App:
    with tenant_scope(tenant.pk):
        return create_app(principal, LIVE)


@pytest.fixture
def beside(tenant, principal, app) -> Callable[..., None]:
    """Set a draft beside the app."""

    def begin(source: dict[str, Any] = DRAFT, **how: Any) -> None:
        with tenant_scope(tenant.pk):
            begin_shadow(principal, app.pk, source, **how)

    return begin


@pytest.fixture
def posted(tenant) -> Callable[..., None]:
    """Posts of these lengths were written."""

    def write(*lengths: int, to=tenant) -> None:
        with tenant_scope(to.pk):
            for length in lengths:
                key = str(uuid.uuid4())
                told = {"event_id": key, "dedupe_key": key, "source": "/test", "type": "post.created"}
                EventInbox.objects.create(**told, time=timezone.now(), data={"post": {"id": 1, "body_length": length}})

    return write


def report(principal, app) -> dict[str, Any]:
    with tenant_scope(app.tenant_id):
        return shadow_as_dict(get_shadow(principal, app.pk))


def test_both_are_rehearsed_on_what_arrives_and_compared_by_action_and_nothing_happens(
    tenant, principal, app, beside, posted
):
    posted(5)
    beside()
    posted(10, 100, 300)
    take_turns()
    found = report(principal, app)
    assert (found["events"], found["live"]["started"], found["draft"]["started"]) == (3, 1, 2)
    assert found["actions"] == [{"action": "send_notification", "live": 1, "draft": 4}]
    assert found["draft"]["states"] == {"succeeded": 2}
    with tenant_scope(tenant.pk):
        assert not Notification.objects.exists()
        assert not Execution.objects.exists()


def test_nothing_is_counted_twice_whoever_takes_turns_at_once(tenant, principal, app, beside, posted):
    beside()
    posted(10, 20)
    turns = [threading.Thread(target=take_turns) for _ in range(3)]
    for turn in turns:
        turn.start()
    for turn in turns:
        turn.join()
    take_turns()
    assert report(principal, app)["live"]["started"] == 2
    posted(30)
    take_turns()
    assert report(principal, app)["live"]["started"] == 3


@pytest.mark.requirement("SEC-01")
def test_another_communitys_events_and_drafts_are_not_there(other_tenant, principal, app, beside, posted):
    beside()
    posted(10, to=other_tenant)
    take_turns()
    assert report(principal, app)["events"] == 0
    with tenant_scope(other_tenant.pk):
        assert not Shadow.objects.exists()


def test_what_is_younger_than_a_moment_waits_for_the_next_turn(principal, app, beside, posted, monkeypatch):
    beside()
    posted(10)
    monkeypatch.setattr(shadow_turns, "SETTLED", timedelta(seconds=30))
    take_turns()
    assert report(principal, app)["events"] == 0


def test_the_times_of_schedules_are_counted_by_the_clock(tenant, principal, members):
    hourly = definition([tell()], {"type": "scheduled", "cron": "0 * * * *"}, name="Hourly")
    with tenant_scope(tenant.pk):
        app = create_app(principal, hourly)
        often = definition([tell()], {"type": "scheduled", "cron": "*/30 * * * *"}, name="Hourly")
        begin_shadow(principal, app.pk, often)
        Shadow.objects.update(looked_at=timezone.now() - timedelta(hours=4))
    take_turns()
    found = report(principal, app)
    assert (found["live"]["started"], found["draft"]["started"]) == (4, 8)
    assert (found["live"]["rehearsed"], found["draft"]["rehearsed"]) == (1, 1)


def test_it_ends_by_itself_at_its_time_and_the_admins_are_told_once(tenant, principal, app, beside, posted, admin_user):
    beside()
    posted(10)
    with tenant_scope(tenant.pk):
        Shadow.objects.update(ends_at=timezone.now())
    take_turns()
    posted(20)
    take_turns()
    found = report(principal, app)
    assert (found["end_reason"], found["events"]) == ("Its time was over.", 1)
    with tenant_scope(tenant.pk):
        (told,) = Notification.objects.all()
    assert told.title == "The draft beside “Short posts” has ended"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda principal, app: update_app(principal, app.pk, {**LIVE, "description": "New."}),
            "The app has version 2",
        ),
        (lambda principal, app: delete_app(principal, app.pk), "The app was deleted."),
    ],
)
def test_it_ends_where_there_is_nothing_to_compare_any_more(tenant, principal, app, beside, change, reason):
    beside()
    with tenant_scope(tenant.pk):
        change(principal, app)
    take_turns()
    with tenant_scope(tenant.pk):
        assert Shadow.objects.get().end_reason.startswith(reason)


def test_a_draft_that_fails_much_more_often_than_the_live_version_ends_early(
    principal, app, beside, posted, monkeypatch
):
    monkeypatch.setattr(shadow_turns, "ENOUGH", 3)
    call = {"id": "call", "act": "webhook", "params": {"url": "https://closed.example.com/in", "body": {}}}
    beside(definition([call], POSTED, permissions={"domains": ["closed.example.com"]}))
    posted(10, 20)
    take_turns()
    assert report(principal, app)["ended_at"] is None
    posted(30)
    take_turns()
    found = report(principal, app)
    assert found["end_reason"].startswith("It failed in 3 of 3 rehearsals")
    assert found["draft"]["failures"] == {"outgoing_domain_refused": 3}
    assert found["live"]["failures"] == {}


@pytest.mark.requirement("SEC-03")
def test_of_more_than_can_be_rehearsed_in_time_the_rest_is_passed_over_and_it_says_so(
    tenant, principal, app, beside, posted, monkeypatch
):
    monkeypatch.setattr(shadow_turns, "MOST_EVENTS", 2)
    beside()
    posted(10, 20, 30, 40)
    take_turns()
    found = report(principal, app)
    assert (found["events"], found["left_out"]) == (2, False)
    posted(50)
    monkeypatch.setattr(shadow_turns, "MOST_BEHIND", timedelta(0))
    take_turns()
    take_turns()
    found = report(principal, app)
    assert (found["events"], found["left_out"]) == (4, True)


@pytest.mark.requirement("SEC-03")
def test_where_people_have_all_places_the_turn_is_put_off(tenant, principal, app, beside, posted, owner_connection):
    beside()
    posted(10)
    for place in range(PLACES):
        owner_connection.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", (f"rehearsals of {tenant.pk}", place))
    take_turns()
    assert report(principal, app)["events"] == 0
    owner_connection.execute("SELECT pg_advisory_unlock_all()")
    take_turns()
    assert report(principal, app)["events"] == 1


def test_one_communitys_fault_keeps_no_turn_from_another(
    tenant, other_tenant, principal, app, beside, posted, monkeypatch
):
    beside()
    posted(10)
    of_tenant = shadow_turns._of_tenant
    monkeypatch.setattr(shadow_turns, "_tenants", lambda: [other_tenant.pk, tenant.pk])
    monkeypatch.setattr(
        shadow_turns, "_of_tenant", lambda number: 1 / 0 if number == other_tenant.pk else of_tenant(number)
    )
    take_turns()
    assert report(principal, app)["events"] == 1


def test_there_is_one_for_an_app_and_a_few_for_a_community(tenant, principal, app, beside):
    beside()
    with tenant_scope(tenant.pk):
        with pytest.raises(ShadowUnderWay):
            begin_shadow(principal, app.pk, DRAFT)
        for number in range(MOST_AT_ONCE - 1):
            begin_shadow(principal, create_app(principal, {**LIVE, "name": f"App {number}"}).pk, DRAFT)
        last = create_app(principal, {**LIVE, "name": "One more"})
        with pytest.raises(TooManyShadows):
            begin_shadow(principal, last.pk, DRAFT)
        end_shadow(principal, app.pk)
        begin_shadow(principal, last.pk, DRAFT)


def test_what_only_people_start_has_nothing_to_be_compared_on(tenant, principal):
    by_hand = definition([tell()])
    with tenant_scope(tenant.pk):
        app = create_app(principal, by_hand)
        with pytest.raises(NothingRecorded):
            begin_shadow(principal, app.pk, by_hand)


@pytest.mark.requirement("SEC-05")
def test_whoever_begins_and_ends_it_is_in_the_audit_log(tenant, principal, app, beside):
    with tenant_scope(tenant.pk), pytest.raises(ShadowNotFound):
        get_shadow(principal, app.pk)
    beside(days=2)
    with tenant_scope(tenant.pk):
        ended = end_shadow(principal, app.pk)
        verbs = list(AuditEntry.objects.filter(verb__startswith="app.shadow").values_list("verb", flat=True))
        with pytest.raises(ShadowNotFound):
            end_shadow(principal, app.pk)
    assert sorted(verbs) == ["app.shadow_begun", "app.shadow_ended"]
    assert ended.ends_at - ended.begun_at == timedelta(days=2)
