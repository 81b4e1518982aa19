"""Members: who joins, what changes, who has a seat, who is in an audience."""

from __future__ import annotations

import pytest

from decommerce.community.models import Member
from decommerce.community.services import members, rooms
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_someone_who_joins_is_announced_and_given_what_they_bought(tenant, published, make_order):
    order = make_order(email="Nora@Example.org")
    with tenant_scope(tenant.pk):
        member = members.join(members.NewMember("Nora", "nora@example.org", country="ch"))
        order.refresh_from_db()
        assert order.member_id == member.pk
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == "member.joined"
    assert envelope["data"]["member"]["country"] == "CH"
    assert envelope["data"]["member"]["role"] == "member"


def test_an_address_joins_once_however_it_is_written(tenant):
    with tenant_scope(tenant.pk):
        members.join(members.NewMember("Nora", "nora@example.org"))
        with pytest.raises(members.MemberTaken):
            members.join(members.NewMember("Nora again", "NORA@example.org"))


def test_two_tenants_may_have_a_member_of_the_same_address(tenant, other_tenant):
    for each in (tenant, other_tenant):
        with tenant_scope(each.pk):
            assert members.join(members.NewMember("Nora", "nora@example.org")).pk


def test_only_what_changed_is_announced(tenant, make_member, published):
    first, second = make_member(country="CH"), make_member(country="DE")
    with tenant_scope(tenant.pk):
        results = members.update_members(
            [
                members.MemberChange(first.pk, {"country": "CH", "bio": "Hikes."}),
                members.MemberChange(second.pk, {"country": "DE"}),
                members.MemberChange(10**9, {"country": "FR"}),
            ]
        )
    assert [(result.outcome, result.before, result.after) for result in results] == [
        ("updated", {"bio": ""}, {"bio": "Hikes."}),
        ("unchanged", {}, {}),
        ("not_found", {}, {}),
    ]
    (envelope,) = published.envelopes(tenant)
    assert envelope["data"]["changed"] == ["bio"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"xp": 5}, "field_not_editable"),
        ({"tenant_id": 1}, "field_not_editable"),
        ({"status": "asleep"}, "value_invalid"),
        ({"streak_days": 3}, "field_not_editable"),
        ({"display_name": "x" * 121}, "value_invalid"),
        ({"engagement_score": "1e99"}, "value_invalid"),
    ],
)
def test_a_field_that_cannot_be_set_is_refused(tenant, make_member, values, code):
    member = make_member()
    with tenant_scope(tenant.pk), pytest.raises(members.PlatformError) as refused:
        members.update_members([members.MemberChange(member.pk, values)])
    assert refused.value.code == code


def test_a_seat_in_the_team_makes_a_member_with_its_role(tenant, make_person):
    person = make_person(tenant, "moderator")
    with tenant_scope(tenant.pk):
        member = Member.objects.with_role().get(email=person.email)
        assert member.role == "moderator"
        assert member.membership == Membership.objects.get(user=person)


def test_a_member_who_gets_a_seat_stays_the_same_member(tenant, make_person, make_member):
    member = make_member(email="WANTED@example.org")
    person = make_person(tenant, "member")
    with tenant_scope(tenant.pk):
        Membership.objects.filter(user=person).delete()
        Member.objects.filter(email=person.email).delete()
        person.email = "wanted@example.org"
        person.save()
        Membership.objects.create(user=person, role="admin")
        assert Member.objects.with_role().get(pk=member.pk).role == "admin"


def test_an_audience_is_found_by_role_and_room_without_the_suspended(tenant, make_person, make_member, make_room):
    for role in ("owner", "moderator"):
        make_person(tenant, role)
    reader, suspended = make_member(), make_member(status="suspended")
    room = make_room()
    with tenant_scope(tenant.pk):
        house = members.house_member()
        rooms.join_rooms([(room.pk, reader.pk), (room.pk, suspended.pk)])
        team = {row.role: row.pk for row in Member.objects.with_role().exclude(role="member")}
        assert members.audience("moderator") == [team["moderator"]]
        assert members.audience("team") == sorted(team.values())
        assert members.audience("member") == [reader.pk]
        assert members.audience() == sorted([*team.values(), reader.pk])
        assert members.audience(room_id=room.pk) == [reader.pk]
        assert members.house_member() == house
