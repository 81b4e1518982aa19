"""A member chooses what to be told (ACT-04)."""

from __future__ import annotations

import pytest

from decommerce.community.models import Channel, NotificationPreference
from decommerce.community.services.notifications import NewNotification, notify, set_preference
from decommerce.tenancy.context import tenant_scope

ADDRESS = "/notifications/preferences/"


@pytest.fixture
def told(tenant, admin_user, member_of):
    """A member who was told about one topic."""
    member = member_of(admin_user, tenant)
    with tenant_scope(tenant.pk):
        notify([NewNotification(member.pk, "Seven days!", topic="streak_bonus")])
    return member


def choices(member) -> set[tuple[str, str, bool]]:
    rows = NotificationPreference.objects.filter(member=member)
    return set(rows.values_list("channel", "topic", "enabled"))


def test_a_topic_is_turned_off_on_one_way_and_nothing_else_changes(admin, told, tenant):
    html = admin.get(ADDRESS).content.decode()
    assert "Streak bonus" in html
    assert "Everything else" in html
    shown = [f"{channel}:{topic}" for channel in Channel.values for topic in ("streak_bonus", "")]
    on = [value for value in shown if value != "in_app:streak_bonus"]
    admin.post(ADDRESS, {"shown": shown, "on": on})
    with tenant_scope(tenant.pk):
        assert choices(told) == {("in_app", "streak_bonus", False)}
        (told_again,) = notify([NewNotification(told.pk, "Eight days!", topic="streak_bonus")])
    assert told_again.outcome == "declined"


def test_a_topic_that_came_up_meanwhile_stays_as_it_is(admin, told, tenant):
    admin.post(ADDRESS, {"shown": ["email:"], "on": []})
    with tenant_scope(tenant.pk):
        assert choices(told) == {("email", "", False)}


def test_a_topic_may_be_on_where_the_rest_is_off(admin, told, tenant):
    with tenant_scope(tenant.pk):
        set_preference(told.pk, Channel.EMAIL, False)
    admin.post(ADDRESS, {"shown": ["email:streak_bonus", "email:"], "on": ["email:streak_bonus"]})
    with tenant_scope(tenant.pk):
        assert choices(told) == {("email", "", False), ("email", "streak_bonus", True)}


@pytest.mark.requirement("SEC-01")
def test_everybody_sees_and_changes_only_their_own(signed_in, make_person, told, other_tenant, tenant):
    for home, role in ((tenant, "member"), (other_tenant, "owner")):
        browser = signed_in(make_person(home, role))
        assert "Streak bonus" not in browser.get(ADDRESS).content.decode()
        browser.post(ADDRESS, {"shown": ["in_app:streak_bonus"], "on": []})
    with tenant_scope(tenant.pk):
        assert choices(told) == set()
