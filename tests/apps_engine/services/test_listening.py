"""Who listens to an event, kept until somebody's triggers change."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app, delete_app, pause_app, resume_app, update_app
from apps_engine.services.listening import listening
from apps_engine.store.models import Subscription
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import flagging

pytestmark = pytest.mark.requirement("TRG-02")

EVENT = "post.created"


def heard() -> list[int]:
    """The apps that would be asked."""
    found = listening([EVENT])
    return [listener.app_id for listener in found[EVENT].filters] if found else []


def test_what_changes_is_heard_at_once_and_nothing_is_read_twice(scope, principal, django_assert_num_queries):
    assert heard() == []
    app = create_app(principal, flagging())
    assert heard() == [app.pk]
    with django_assert_num_queries(1):
        assert heard() == [app.pk]
    pause_app(principal, app.pk)
    assert heard() == []
    resume_app(principal, app.pk)
    assert heard() == [app.pk]
    other = create_app(principal, {**flagging(), "name": "Another"})
    assert heard() == [app.pk, other.pk]
    delete_app(principal, app.pk)
    assert heard() == [other.pk]


def test_a_new_version_is_asked_with_its_own_filter(scope, principal):
    app = create_app(principal, flagging())
    [before] = listening([EVENT])[EVENT].filters.values()
    changed = flagging()
    changed["triggers"][0]["filter"] = {"post.body_length": {"lt": 7}}
    update_app(principal, app.pk, changed)
    [after] = listening([EVENT])[EVENT].filters.values()
    assert after != before
    assert after.value({}) == 7


@pytest.mark.requirement("SEC-01")
def test_another_tenants_apps_are_never_asked(tenant, other_tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
        assert len(heard()) == 1
    with tenant_scope(other_tenant.pk):
        assert heard() == []


def test_two_apps_that_change_places_are_told_apart_by_the_stamp(scope, principal):
    first, second = (create_app(principal, {**flagging(), "name": name}) for name in ("One", "Two"))
    assert heard() == [first.pk, second.pk]
    delete_app(principal, second.pk)
    third = create_app(principal, {**flagging(), "name": "Three"})
    assert heard() == [first.pk, third.pk]
    assert Subscription.objects.count() == 2
