"""Trying an app on the past, on its page (RUN-14)."""

from __future__ import annotations

import uuid
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from apps_engine.store.models import EventInbox, Execution
from apps_engine.store.rehearsals import MOST_AT_ONCE
from chat.gate.trial import trial_of
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition

pytestmark = pytest.mark.requirement("RUN-14")

TELL = {"id": "tell", "act": "send_notification", "params": {"to": "team", "title": "Look at {{ trigger.post.id }}"}}
SHORT = {"type": "event", "event": "post.created", "filter": {"post.body_length": {"lt": 80}}}
TELLING = definition([TELL], SHORT, name="Short posts")


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def write(community: Any, *lengths: int) -> None:
    """Posts of these lengths were written there."""
    with tenant_scope(community.pk):
        for length in lengths:
            key = str(uuid.uuid4())
            data = {"post": {"id": length, "body_length": length}}
            told = {"event_id": key, "dedupe_key": key, "source": "/test", "type": "post.created"}
            EventInbox.objects.create(**told, time=timezone.now(), data=data)


@pytest.fixture
def app_id(make_app) -> int:
    return make_app(**TELLING)


def test_the_page_says_how_often_why_not_and_what_it_would_have_done(admin, app_id, tenant, other_tenant):
    write(tenant, 10, 20, 300)
    write(other_tenant, 30, 400)
    assert f'href="/apps/{app_id}/backtest/"' in words(admin.get(f"/apps/{app_id}/"))
    html = words(admin.post(f"/apps/{app_id}/backtest/", {"days": "7"}))
    assert "It would have started 2 times" in html
    assert "2 of 3 <code>post.created</code> would have started it." in html
    assert "The app asks for post.body_length to be less than 80; it was 300." in html
    assert "All 2 were tried." in html
    assert "Look at 20" in html
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()
        assert not Notification.objects.exists()


def test_before_anything_was_tried_and_without_any_event_it_says_what_to_do_next(admin, app_id):
    html = words(admin.get(f"/apps/{app_id}/backtest/"))
    assert "Events are kept for 30 days" in html
    assert "Choose how far back, and press “Try it on the past”." in html
    tried = words(admin.post(f"/apps/{app_id}/backtest/", {"days": "1"}))
    assert "It would not have started" in tried
    assert "No <code>post.created</code> was recorded." in tried
    assert "Look further back" in tried


def test_an_app_that_only_people_start_has_no_button_and_says_why(admin, make_app):
    by_hand = make_app("By hand")
    assert "/backtest/" not in words(admin.get(f"/apps/{by_hand}/"))
    refused = admin.post(f"/apps/{by_hand}/backtest/", {"days": "7"})
    assert refused.status_code == 409
    assert "Try it with a dry run instead." in words(refused)


def test_a_refusal_is_told_on_the_page(admin, app_id, tenant, owner_connection):
    write(tenant, 10)
    for place in range(MOST_AT_ONCE):
        owner_connection.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", (f"rehearsals of {tenant.pk}", place))
    refused = admin.post(f"/apps/{app_id}/backtest/", {"days": "7"})
    owner_connection.execute("SELECT pg_advisory_unlock_all()")
    assert refused.status_code == 429
    assert "rehearsals are under way here" in words(refused)


def test_who_may_not_read_the_data_has_no_page(signed_in, make_person, app_id, tenant):
    assert signed_in(make_person(tenant, "member")).get(f"/apps/{app_id}/backtest/").status_code == 403


def test_a_proposal_says_how_often_it_would_have_started_lately(person, tenant):
    write(tenant, 10, 300, 400)
    with tenant_scope(tenant.pk):
        told = trial_of(person, TELLING)
    assert told[-1] == "In the last 7 days: 1 of 3 `post.created` would have started it."
