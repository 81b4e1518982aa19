"""Setting up missions, giving them to members, noting that they are done, ending them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pydantic import ValidationError

from actions.assign_mission import AssignMission
from actions.complete_mission import CompleteMission
from actions.create_mission import CreateMission, CreateMissionParams
from actions.update_mission_status import UpdateMissionStatus, UpdateMissionStatusParams
from decommerce.community.models import Member, Mission, OutboxEvent, UserMission, XpEntry
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("ACT-01")

HOSTILE = "<script>alert(1)</script> {{ tenant.secret }} '; DROP TABLE community_mission; --"


def a_mission(**fields) -> Mission:
    return Mission.objects.create(**{"title": "Introduce yourself", "xp_reward": 50, **fields})


def told() -> list[str]:
    return [row.envelope["type"] for row in OutboxEvent.objects.order_by("pk")]


def test_a_mission_is_set_up_and_told_as_an_event(acting, perform):
    [result] = perform(
        CreateMission(),
        {
            "title": "Introduce yourself",
            "description": "Write your first post.",
            "xp_reward": "50",
            "starts_at": "2026-11-21",
            "ends_at": "2026-12-01T09:00:00+01:00",
        },
    )
    mission = Mission.objects.get()
    assert result == {"mission_id": mission.pk, "created": True, "skipped": None}
    assert (mission.title, mission.status, mission.xp_reward, mission.app_id) == ("Introduce yourself", "active", 50, 7)
    assert (mission.starts_at, mission.ends_at) == (
        datetime(2026, 11, 21, tzinfo=UTC),
        datetime(2026, 12, 1, 8, tzinfo=UTC),
    )
    assert told() == ["mission.created"]


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_sets_up_nothing_more(acting, perform):
    [first] = perform(CreateMission(), {"title": "Hello"}, keys=["run:8:main/mission"])
    [again] = perform(CreateMission(), {"title": "Hello"}, keys=["run:8:main/mission"])
    assert again == {"mission_id": first["mission_id"], "created": False, "skipped": "duplicate"}
    assert Mission.objects.count() == 1


def test_a_mission_that_ends_before_it_begins_is_skipped(acting, perform):
    backwards = {"title": "Hello", "starts_at": "2026-11-22", "ends_at": "2026-11-21"}
    results = perform(CreateMission(), backwards, {"title": "Hello"})
    assert [result["skipped"] for result in results] == ["ends_before_start", None]
    assert Mission.objects.count() == 1


def test_hostile_text_is_stored_as_text(acting, perform):
    perform(CreateMission(), {"title": HOSTILE, "description": HOSTILE + "\x00"})
    mission = Mission.objects.get()
    assert (mission.title, mission.description) == (HOSTILE, HOSTILE)


def test_a_member_is_given_a_mission_once(acting, perform):
    mission, member = a_mission(), a_member()
    pair = {"mission_id": mission.pk, "member_id": member.pk}
    results = perform(AssignMission(), pair, pair)
    assert [(result["changed"], result["skipped"]) for result in results] == [(True, None), (False, "already_there")]
    assert UserMission.objects.get().status == "started"
    assert Member.objects.get().xp == 0


def test_a_mission_is_taken_off_whoever_has_done_nothing_for_it(acting, perform):
    mission, idle, busy, done, stranger = a_mission(), *(a_member(number) for number in range(4))
    UserMission.objects.create(mission=mission, member=idle)
    UserMission.objects.create(mission=mission, member=busy, progress=40)
    UserMission.objects.create(mission=mission, member=done, status="completed", progress=100)
    off = [
        {"mission_id": mission.pk, "member_id": member.pk, "assigned": False} for member in (idle, busy, done, stranger)
    ]
    results = perform(AssignMission(), *off, off[0])
    assert [result["skipped"] for result in results] == [
        None,
        "in_progress",
        "already_completed",
        "not_started",
        "not_started",
    ]
    assert set(UserMission.objects.values_list("member_id", flat=True)) == {busy.pk, done.pk}


def test_a_completed_mission_pays_once(acting, perform):
    mission, member = a_mission(), a_member()
    pair = {"mission_id": mission.pk, "member_id": member.pk}
    results = perform(CompleteMission(), pair, pair)
    assert [(result["completed"], result["xp"], result["skipped"]) for result in results] == [
        (True, 50, None),
        (False, 0, "already_there"),
    ]
    assert perform(CompleteMission(), pair)[0]["skipped"] == "already_there"
    assert Member.objects.get().xp == 50
    assert UserMission.objects.get().progress == 100
    assert told() == ["xp.awarded", "mission.completed"]


@pytest.mark.parametrize("action", [AssignMission(), CompleteMission()])
def test_what_cannot_be_worked_on_is_said_item_by_item(acting, perform, action):
    now, hour = timezone.now(), timedelta(hours=1)
    missions = [
        a_mission(status="draft"),
        a_mission(status="ended"),
        a_mission(starts_at=now + hour),
        a_mission(ends_at=now - hour),
    ]
    member, suspended, good = a_member(1), a_member(2, status="suspended"), a_mission(ends_at=now + hour)
    results = perform(
        action,
        *({"mission_id": mission.pk, "member_id": member.pk} for mission in missions),
        {"mission_id": 10**9, "member_id": member.pk},
        {"mission_id": good.pk, "member_id": 10**9},
        {"mission_id": good.pk, "member_id": suspended.pk},
        {"mission_id": good.pk, "member_id": member.pk},
    )
    assert [result["skipped"] for result in results] == [
        *["mission_not_active"] * 4,
        "mission_not_found",
        "member_not_found",
        "member_suspended",
        None,
    ]
    assert UserMission.objects.get().mission == good


def test_a_mission_is_ended(acting, perform):
    mission = a_mission()
    results = perform(
        UpdateMissionStatus(),
        {"mission_id": mission.pk, "status": "ended", "only_from": "draft"},
        {"mission_id": mission.pk, "status": "ended"},
        {"mission_id": mission.pk, "status": "ended"},
        {"mission_id": 10**9, "status": "ended"},
    )
    assert [(result["changed"], result["previous_status"], result["skipped"]) for result in results] == [
        (False, "active", "other_status"),
        (True, "active", None),
        (False, "ended", "unchanged"),
        (False, None, "not_found"),
    ]
    assert Mission.objects.get().status == "ended"


@pytest.mark.requirement("SEC-01")
def test_another_tenants_mission_and_member_are_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        mission, member = a_mission(), a_member()
    with tenant_scope(tenant.pk):
        own, mine = a_mission(), a_member()
        pairs = [{"mission_id": mission.pk, "member_id": mine.pk}, {"mission_id": own.pk, "member_id": member.pk}]
        for action in (AssignMission(), CompleteMission()):
            assert [result["skipped"] for result in perform(action, *pairs)] == [
                "mission_not_found",
                "member_not_found",
            ]
        ended = {"mission_id": mission.pk, "status": "ended"}
        assert perform(UpdateMissionStatus(), ended)[0]["skipped"] == "not_found"
        assert not UserMission.objects.exists()
    with tenant_scope(other_tenant.pk):
        assert (Mission.objects.get().status, Member.objects.get().xp) == ("active", 0)


def test_five_hundred_missions_take_as_many_statements_as_one(acting, perform, queries_of):
    perform(CreateMission(), {"title": "Zero"}, keys=["zeroth"])
    one = queries_of(lambda: perform(CreateMission(), {"title": "One"}, keys=["first"]))
    many = [{"title": f"Mission {number}"} for number in range(500)]
    assert queries_of(lambda: perform(CreateMission(), *many)) == one
    missions = list(Mission.objects.order_by("pk").values_list("pk", flat=True))
    ends = [{"mission_id": pk, "status": "ended"} for pk in missions]
    one = queries_of(lambda: perform(UpdateMissionStatus(), ends[0]))
    assert queries_of(lambda: perform(UpdateMissionStatus(), *ends[1:])) == one
    assert Mission.objects.filter(status="ended").count() == 502


@pytest.mark.parametrize("action", [AssignMission(), CompleteMission()])
def test_five_hundred_members_take_as_many_statements_as_one(acting, perform, queries_of, action):
    mission = a_mission()
    members = Member.objects.bulk_create(Member(display_name=f"Member {number}") for number in range(502))
    pairs = [{"mission_id": mission.pk, "member_id": member.pk} for member in members]
    perform(action, pairs[0])
    one = queries_of(lambda: perform(action, pairs[1]))
    assert queries_of(lambda: perform(action, *pairs[2:])) == one
    assert UserMission.objects.count() == 502
    assert XpEntry.objects.count() == (502 if isinstance(action, CompleteMission) else 0)


@pytest.mark.parametrize(
    ("model", "params"),
    [
        (CreateMissionParams, {}),
        (CreateMissionParams, {"title": " \x00 "}),
        (CreateMissionParams, {"title": "x" * 201}),
        (CreateMissionParams, {"title": "x", "description": "x" * 5_001}),
        (CreateMissionParams, {"title": "x", "xp_reward": -1}),
        (CreateMissionParams, {"title": "x", "xp_reward": 1_000_001}),
        (CreateMissionParams, {"title": "x", "xp_reward": True}),
        (CreateMissionParams, {"title": "x", "ends_at": "soon"}),
        (CreateMissionParams, {"title": "x", "ends_at": 7}),
        (CreateMissionParams, {"title": "x", "status": "ended"}),
        (UpdateMissionStatusParams, {"mission_id": 1, "status": "over"}),
        (UpdateMissionStatusParams, {"mission_id": 1}),
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(model, params):
    with pytest.raises(ValidationError):
        model.model_validate(params)
