"""Telling members something."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.audience import MAX_RECIPIENTS, AudienceTooLarge
from actions.send_notification import MAX_LISTED, SendNotification, SendNotificationParams
from decommerce.community.models import Member, Notification, OutboundMessage
from decommerce.community.services.members import house_member
from decommerce.community.services.notifications import set_preference
from decommerce.push.models import PushSubscription
from decommerce.push.subscriptions import subscribe
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Role
from tests.connectors.rows import a_member
from tests.decommerce.push.browser import Browser

pytestmark = pytest.mark.requirement("ACT-01")


def telling(to, **params) -> dict:
    return {"to": to, "title": "Look", "body": "Something happened", **params}


@pytest.fixture
def team(tenant, make_person) -> dict[str, int]:
    """A member in each role, and one without a seat in the team, by role."""
    people = {role.value: make_person(tenant, role.value) for role in Role}
    with tenant_scope(tenant.pk):
        members = {role: Member.objects.get(membership__user=person).pk for role, person in people.items()}
        members["guest"] = a_member(99).pk
        house_member()
    return members


def told() -> set[int]:
    return set(Notification.objects.values_list("member_id", flat=True))


def test_a_member_is_told(acting, perform):
    member = a_member()
    [result] = perform(SendNotification(), telling(member.pk, link="/posts/4", topic="posts"))
    assert result == {"notified": 1, "outcomes": {"created": 1}, "push": {}, "not_reached": [], "skipped": None}
    line = Notification.objects.get()
    assert (line.member_id, line.title, line.body, line.link, line.topic, line.app_id) == (
        member.pk,
        "Look",
        "Something happened",
        "/posts/4",
        "posts",
        7,
    )


def test_several_members_are_told_once_each(acting, perform):
    members = [a_member(number).pk for number in range(3)]
    [result] = perform(SendNotification(), telling([*members, members[0], str(members[1])]))
    assert result["notified"] == 3
    assert told() == set(members)


@pytest.mark.parametrize(
    ("to", "roles"),
    [
        ("moderators", {"moderator"}),
        ("admins", {"owner", "admin"}),
        ("owners", {"owner"}),
        ("team", {"owner", "admin", "moderator"}),
        ("everyone", {"owner", "admin", "moderator", "member", "guest"}),
        ({"role": "moderator"}, {"moderator"}),
        ({"role": "team"}, {"owner", "admin", "moderator"}),
        ({"role": "member"}, {"member", "guest"}),
    ],
)
def test_an_audience_is_everyone_who_holds_the_role_now(team, acting, perform, to, roles):
    [result] = perform(SendNotification(), telling(to))
    assert told() == {team[role] for role in roles}
    assert result["notified"] == len(roles)


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_tells_nobody_twice_but_reaches_who_is_new(team, acting, perform):
    perform(SendNotification(), telling(team["guest"]), keys=["run:8:main/tell"])
    [again] = perform(SendNotification(), telling(team["guest"]), keys=["run:8:main/tell"])
    assert (again["notified"], again["skipped"]) == (0, "duplicate")
    [wider] = perform(SendNotification(), telling("everyone"), keys=["run:8:main/tell"])
    assert (wider["notified"], wider["outcomes"]) == (4, {"created": 4, "duplicate": 1})
    assert Notification.objects.count() == 5


def test_who_declined_or_is_suspended_is_skipped_without_an_error(acting, perform):
    declined, suspended, topical, willing = (a_member(number) for number in range(4))
    set_preference(declined.pk, "in_app", False)
    set_preference(topical.pk, "in_app", False, "posts")
    Member.objects.filter(pk=suspended.pk).update(status="suspended")
    results = perform(
        SendNotification(),
        telling(declined.pk),
        telling(suspended.pk),
        telling(topical.pk, topic="posts"),
        telling(topical.pk, topic="orders"),
        telling([declined.pk, suspended.pk]),
        telling([declined.pk, willing.pk]),
    )
    assert [result["skipped"] for result in results] == ["declined", "suspended", "declined", None, "several", None]
    assert results[5]["not_reached"] == [{"member_id": declined.pk, "reason": "declined"}]


def test_an_audience_of_nobody_is_said_so(acting, perform):
    results = perform(SendNotification(), telling("moderators"), telling([]))
    assert [(result["notified"], result["skipped"]) for result in results] == [(0, "nobody"), (0, "nobody")]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_members_are_not_found_and_in_no_audience(tenant, other_tenant, make_person, perform):
    person = make_person(other_tenant, "moderator")
    with tenant_scope(other_tenant.pk):
        theirs = Member.objects.get(membership__user=person)
    with tenant_scope(tenant.pk):
        results = perform(SendNotification(), telling(theirs.pk), telling("moderators"), telling("everyone"))
        assert [result["skipped"] for result in results] == ["not_found", "nobody", "nobody"]
    with tenant_scope(other_tenant.pk):
        assert not Notification.objects.exists()


def test_hostile_text_is_stored_as_text(acting, perform):
    hostile = "<script>'\"; -- {{ now }}\x00"
    perform(SendNotification(), telling(a_member().pk, title=hostile, body=hostile))
    line = Notification.objects.get()
    assert line.title == line.body == hostile.replace("\x00", "")


def test_the_list_of_those_not_reached_is_short_and_the_counts_complete(acting, perform):
    [result] = perform(SendNotification(), telling(list(range(10**9, 10**9 + 150))))
    assert len(result["not_reached"]) == MAX_LISTED
    assert result["outcomes"] == {"not_found": 150}


def test_an_audience_at_the_bound_is_told_and_one_beyond_it_is_refused(acting, perform):
    Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(MAX_RECIPIENTS))
    [result] = perform(SendNotification(), telling("everyone"))
    assert result["notified"] == MAX_RECIPIENTS
    a_member()
    with pytest.raises(AudienceTooLarge) as refused:
        perform(SendNotification(), telling("everyone"))
    assert refused.value.code == "audience_too_large"
    assert Notification.objects.count() == MAX_RECIPIENTS


def test_five_hundred_calls_take_as_many_statements_as_one(acting, perform, queries_of):
    members = Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(501))
    one = queries_of(lambda: perform(SendNotification(), telling(members[0].pk), keys=["first"]))
    assert queries_of(lambda: perform(SendNotification(), *(telling(member.pk) for member in members[1:]))) == one
    assert Notification.objects.count() == 501


def test_an_audience_is_looked_up_once_for_a_whole_batch(team, acting, perform, queries_of):
    one = queries_of(lambda: perform(SendNotification(), telling("moderators"), keys=["first"]))
    assert queries_of(lambda: perform(SendNotification(), *[telling("moderators")] * 100)) == one


@pytest.mark.parametrize(
    "params",
    [
        {"title": "x"},
        telling("the moderators"),
        telling("ada@example.com"),
        telling({"role": "king"}),
        telling({}),
        telling({"role": "moderator", "room_id": 1}),
        telling(True),
        telling([1, "x"]),
        telling(list(range(1, 10_002))),
        telling(1, title=""),
        telling(1, title="x" * 201),
        telling(1, link="javascript:alert(1)"),
        telling(1, link="//evil.example/"),
        telling(1, link="/\\evil.example/"),
        telling(1, link="http://evil.example/"),
        telling(1, link=" https://example.com"),
        telling(1, channel="sms"),
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        SendNotificationParams.model_validate(params)


@pytest.mark.parametrize("link", ["", "/", "/posts/4?a=b#c", "https://example.com/a"])
def test_a_link_is_a_page_here_or_an_https_url(link):
    assert SendNotificationParams.model_validate(telling(1, link=link)).link == link


def test_on_a_device_a_member_is_told_once_and_who_has_none_is_said(acting, perform):
    with_device, without, suspended, silent = (a_member(number) for number in range(4))
    for member in (with_device, suspended, silent):
        subscribe(member.pk, f"https://fcm.googleapis.com/fcm/send/{member.pk}", **Browser().keys())
    Member.objects.filter(pk=suspended.pk).update(status="suspended")
    set_preference(silent.pk, "push", False)
    to = [with_device.pk, without.pk, suspended.pk, silent.pk, 10**9]
    given = telling(to, channels=["push"], link="/posts/4", topic="posts")
    [result] = perform(SendNotification(), given, keys=["run:8:main/tell"])
    assert result == {
        "notified": 1,
        "outcomes": {},
        "push": {"queued": 1, "no_device": 1, "suspended": 1, "declined": 1, "not_found": 1},
        "not_reached": [
            {"member_id": without.pk, "reason": "no_device"},
            {"member_id": suspended.pk, "reason": "suspended"},
            {"member_id": silent.pk, "reason": "declined"},
            {"member_id": 10**9, "reason": "not_found"},
        ],
        "skipped": None,
    }
    queued = OutboundMessage.objects.get()
    assert (queued.channel, queued.member_id, queued.state, queued.app_id) == ("push", with_device.pk, "queued", 7)
    assert not Notification.objects.exists()
    [again] = perform(SendNotification(), given, keys=["run:8:main/tell"])
    assert again["push"]["duplicate"] == 1
    assert OutboundMessage.objects.count() == 1


def test_on_both_channels_each_counts_for_itself(acting, perform):
    member, other = a_member(1), a_member(2)
    subscribe(member.pk, "https://fcm.googleapis.com/fcm/send/1", **Browser().keys())
    [both, alone] = perform(
        SendNotification(),
        telling([member.pk, other.pk], channels=["in_app", "push"]),
        telling(other.pk, channels=["push"]),
    )
    assert (both["notified"], both["outcomes"], both["push"]) == (2, {"created": 2}, {"queued": 1, "no_device": 1})
    assert (alone["notified"], alone["skipped"]) == (0, "no_device")
    assert (Notification.objects.count(), OutboundMessage.objects.count()) == (2, 1)


@pytest.mark.requirement("SEC-01")
def test_another_tenants_device_is_not_pushed_to(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_member()
        subscribe(theirs.pk, "https://fcm.googleapis.com/fcm/send/1", **Browser().keys())
    with tenant_scope(tenant.pk):
        assert perform(SendNotification(), telling(theirs.pk, channels=["push"]))[0]["skipped"] == "not_found"
        assert not OutboundMessage.objects.exists()


def test_five_hundred_pushes_take_as_many_statements_as_one(acting, perform, queries_of):
    members = Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(501))
    keys = Browser().keys()
    PushSubscription.objects.bulk_create(
        PushSubscription(member=member, digest=str(member.pk), endpoint="https://x", **keys) for member in members
    )
    calls = [telling(member.pk, channels=["push", "in_app"]) for member in members]
    one = queries_of(lambda: perform(SendNotification(), calls[0], keys=["first"]))
    assert queries_of(lambda: perform(SendNotification(), *calls[1:])) == one
    assert OutboundMessage.objects.count() == 501


@pytest.mark.parametrize("channels", [[], ["sms"], "push", ["push", "push", "in_app"], None])
def test_channels_that_there_are_not_are_refused(channels):
    with pytest.raises(ValidationError):
        SendNotificationParams.model_validate(telling(1, channels=channels))
