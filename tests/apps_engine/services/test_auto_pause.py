"""An app that keeps failing is paused, and its admins hear of it a few times a day (RUN-06)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app, resume_app, update_app
from apps_engine.services.auto_pause import MOST_NOTICES_A_DAY, pause_after_failures
from apps_engine.services.backlog import backlog_of
from apps_engine.services.runs import run_app
from apps_engine.store.models import App, Execution
from decommerce.community.models import Notification
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.apps_engine.services.definitions import definition

pytestmark = pytest.mark.requirement("RUN-06")


@pytest.fixture
def app(tenant, principal, make_admin):
    """An app that did not fail yet."""
    make_admin(tenant)
    with tenant_scope(tenant.pk):
        count = {"id": "posts", "fetch": "posts", "limit": 1}
        return create_app(principal, definition([count], settings={"concurrency": {"mode": "queue"}}))


def fail_again(tenant, principal, app) -> None:
    """The app fails for the fifth time in a row."""
    with tenant_scope(tenant.pk), caused_by(Cause(principal)):
        App.objects.filter(pk=app.pk).update(consecutive_errors=5)
        pause_after_failures(app.pk, {"message": "It broke."})


def test_the_notice_says_what_becomes_of_the_runs_that_wait(tenant, principal, app):
    with tenant_scope(tenant.pk):
        run_app(principal, app.pk)
        run_app(principal, app.pk)
    fail_again(tenant, principal, app)
    with tenant_scope(tenant.pk):
        notice = Notification.objects.get()
        assert "5 failures in a row: It broke." in notice.body
        assert "2 runs wait, and go on when you resume it." in notice.body
        assert Execution.objects.filter(state="queued").count() == 2


@pytest.mark.parametrize(
    ("mode", "words"), [("skip", "starts nothing"), ("queue", "What would start it meanwhile queues a run")]
)
def test_the_notice_says_of_this_app_what_becomes_of_what_comes_meanwhile(tenant, principal, app, mode, words):
    heard = {"id": "posted", "type": "event", "event": "post.created", "flow": "main"}
    count = {"id": "posts", "fetch": "posts", "limit": 1}
    changed = definition([count], triggers=[heard], settings={"concurrency": {"mode": mode}})
    with tenant_scope(tenant.pk):
        update_app(principal, app.pk, changed)
    fail_again(tenant, principal, app)
    with tenant_scope(tenant.pk):
        told = backlog_of(App.objects.get())
        assert words in told
        assert Notification.objects.get().body == f"Paused after 5 failures in a row: It broke. {told}"


def test_pauses_are_told_a_few_times_a_day_and_the_last_one_says_so(tenant, principal, app):
    for _ in range(MOST_NOTICES_A_DAY + 2):
        fail_again(tenant, principal, app)
        with tenant_scope(tenant.pk):
            assert App.objects.get().status == "error"
            resume_app(principal, app.pk)
    with tenant_scope(tenant.pk):
        bodies = list(Notification.objects.order_by("pk").values_list("body", flat=True))
        assert AuditEntry.objects.filter(verb="app.auto_paused").count() == MOST_NOTICES_A_DAY + 2
    assert len(bodies) == MOST_NOTICES_A_DAY
    assert [("not told any more" in body) for body in bodies] == [False, False, True]


def test_runs_that_fail_after_the_pause_tell_nothing_more(tenant, principal, app):
    fail_again(tenant, principal, app)
    fail_again(tenant, principal, app)
    with tenant_scope(tenant.pk):
        assert Notification.objects.count() == AuditEntry.objects.filter(verb="app.auto_paused").count() == 1
