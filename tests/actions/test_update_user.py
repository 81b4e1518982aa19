"""Changing members."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from actions.update_user import UpdateUser, UpdateUserParams
from decommerce.community.models import Member, OutboxEvent
from decommerce.community.services.members import house_member
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("ACT-01")


def test_a_member_is_changed_and_told_as_an_event(acting, perform):
    member = a_member(country="DE")
    [result] = perform(
        UpdateUser(), {"member_id": member.pk, "engagement_score": "72.345", "country": "ch", "location": "Bern"}
    )
    assert result == {
        "member_id": member.pk,
        "updated": True,
        "before": {"engagement_score": Decimal("0.00"), "country": "DE", "location": ""},
        "after": {"engagement_score": Decimal("72.34"), "country": "CH", "location": "Bern"},
        "skipped": None,
    }
    member.refresh_from_db()
    assert (member.engagement_score, member.country, member.location) == (Decimal("72.34"), "CH", "Bern")
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert (event["type"], event["chain"]) == ("member.updated", "7")
    assert event["data"]["changed"] == ["country", "engagement_score", "location"]


def test_the_same_values_again_change_nothing_and_tell_nobody(acting, perform):
    member = a_member(engagement_score=4, country="CH")
    results = perform(
        UpdateUser(), {"member_id": member.pk, "engagement_score": 4, "country": "CH"}, {"member_id": member.pk}
    )
    assert [(result["updated"], result["skipped"]) for result in results] == [(False, "unchanged")] * 2
    assert not OutboxEvent.objects.exists()


def test_nobody_of_the_team_is_suspended_and_neither_is_the_platform(tenant, make_person, acting, perform):
    for role in ("owner", "admin", "moderator"):
        make_person(tenant, role)
    team = list(Member.objects.values_list("pk", flat=True))
    member, house = a_member(), house_member()
    results = perform(UpdateUser(), *({"member_id": pk, "status": "suspended"} for pk in (*team, house.pk, member.pk)))
    assert [result["skipped"] for result in results] == ["team_member"] * 4 + [None]
    assert Member.objects.get(status="suspended") == member


def test_a_change_can_be_held_to_the_values_of_now(acting, perform):
    member = a_member(engagement_score=4)
    results = perform(
        UpdateUser(),
        {"member_id": member.pk, "engagement_score": 9, "only_if": {"engagement_score": 3}},
        {"member_id": member.pk, "engagement_score": 5, "only_if": {"engagement_score": 4, "country": ""}},
        {"member_id": 10**9, "engagement_score": 5},
    )
    assert [result["skipped"] for result in results] == ["other_values", None, "not_found"]
    assert Member.objects.get().engagement_score == 5


def test_several_changes_of_one_member_in_a_batch_follow_each_other(acting, perform):
    member = a_member()
    results = perform(
        UpdateUser(),
        {"member_id": member.pk, "engagement_score": 1},
        {"member_id": member.pk, "engagement_score": 2, "country": "CH"},
    )
    assert [result["before"] for result in results] == [{"engagement_score": 0}, {"engagement_score": 1, "country": ""}]
    member.refresh_from_db()
    assert (member.engagement_score, member.country) == (2, "CH")
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert event["data"]["changed"] == ["country", "engagement_score"]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_member_is_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_member()
    with tenant_scope(tenant.pk):
        [result] = perform(UpdateUser(), {"member_id": theirs.pk, "status": "suspended"})
        assert result["skipped"] == "not_found"
    with tenant_scope(other_tenant.pk):
        assert Member.objects.get().status == "active"


def test_hostile_text_is_stored_as_text(acting, perform):
    perform(UpdateUser(), {"member_id": a_member().pk, "location": "<b>'\"; -- {{ x }}\x00"})
    assert Member.objects.get().location == "<b>'\"; -- {{ x }}"


def test_five_hundred_changes_take_as_many_statements_as_one(acting, perform, queries_of):
    members = Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(502))
    perform(UpdateUser(), {"member_id": members.pop().pk, "location": "First"})
    changes = [
        {"member_id": member.pk, "engagement_score": number, "location": f"Place {number}"}
        for number, member in enumerate(members, start=1)
    ]
    one = queries_of(lambda: perform(UpdateUser(), changes[0]))
    assert queries_of(lambda: perform(UpdateUser(), *changes[1:])) == one
    scores = dict(Member.objects.exclude(location="First").values_list("engagement_score", "location"))
    assert scores == {Decimal(number): f"Place {number}" for number in range(1, 502)}


@pytest.mark.parametrize(
    "field",
    [
        {"role": "owner"},
        {"email": "new@example.com"},
        {"display_name": "New"},
        {"bio": "New"},
        {"xp": 9},
        {"level": 9},
        {"status": "asleep"},
        {"country": "Switzerland"},
        {"country": "C1"},
        {"location": "x" * 121},
        {"engagement_score": 10**6},
        {"engagement_score": "NaN"},
        {"engagement_score": True},
        {"streak_days": 1},
        {"only_if": {"role": "member"}},
        {"only_if": "always"},
    ],
)
def test_what_an_automation_may_not_set_is_refused(field):
    with pytest.raises(ValidationError):
        UpdateUserParams.model_validate({"member_id": 1, **field})
