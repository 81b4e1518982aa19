"""Missions: setting them up, and members working on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_new, insert_once
from decommerce.community.models import Mission, MissionStatus, UserMission, UserMissionStatus
from decommerce.community.outbox import NewEvent, emit_many, optional_instant
from decommerce.community.services.members import persons
from decommerce.community.services.xp import XpAward, award_xp
from decommerce.community.values import checked
from decommerce.tenancy.cause import current_cause

COMPLETE = 100


@dataclass(frozen=True, slots=True)
class NewMission:
    """A mission to be set up; `idem_key` lets it be set up once only."""

    title: str
    description: str = ""
    xp_reward: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    idem_key: str | None = None


@dataclass(frozen=True, slots=True)
class MissionResult:
    """`outcome`: created or duplicate (of `mission_id`)."""

    mission_id: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Progress:
    """`outcome`: started, completed, already_there, mission_not_found or member_not_found."""

    mission_id: int
    member_id: int
    outcome: str


def create_missions(news: Sequence[NewMission]) -> list[MissionResult]:
    """Set up missions; emits mission.created for each that is new. Raises ValueInvalid."""
    rows = [_row(new) for new in news]
    inserted = insert_once(rows)
    emit_many(
        [
            NewEvent("mission.created", {"mission": _payload(row)}, f"mission/{row.pk}", f"mission.created:{row.pk}")
            for row in inserted.new
        ]
    )
    return [MissionResult(*inserted.place(row)) for row in rows]


def start_missions(entries: Sequence[tuple[int, int]]) -> list[Progress]:
    """Let members (mission id, member id) start missions that are active."""
    return _advance(entries, UserMissionStatus.STARTED)


def complete_missions(entries: Sequence[tuple[int, int]]) -> list[Progress]:
    """Note that members (mission id, member id) completed missions, and award the XP; emits mission.completed."""
    return _advance(entries, UserMissionStatus.COMPLETED)


def _advance(entries: Sequence[tuple[int, int]], status: UserMissionStatus) -> list[Progress]:
    missions = Mission.objects.filter(status=MissionStatus.ACTIVE).in_bulk({mission for mission, _ in entries})
    people = persons(member for _, member in entries)
    possible = [pair for pair in dict.fromkeys(entries) if pair[0] in missions and pair[1] in people]
    inserted, completed = _write(possible, status)
    if completed:
        _reward(completed, missions, people)
    new = completed if status == UserMissionStatus.COMPLETED else inserted
    return [
        Progress(mission, member, "mission_not_found")
        if mission not in missions
        else Progress(mission, member, "member_not_found")
        if member not in people
        else Progress(mission, member, str(status) if (mission, member) in new else "already_there")
        for mission, member in entries
    ]


def _write(
    pairs: Sequence[tuple[int, int]], status: UserMissionStatus
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The pairs that were started and those that were completed just now."""
    rows = [UserMission(mission_id=mission, member_id=member) for mission, member in pairs]
    inserted_keys = insert_new(rows)
    inserted = {(row.mission_id, row.member_id) for row in rows if row.pk in inserted_keys}
    if status != UserMissionStatus.COMPLETED:
        return inserted, set()
    wanted = UserMission.objects.filter(
        mission_id__in={mission for mission, _ in pairs},
        member_id__in={member for _, member in pairs},
        status=UserMissionStatus.STARTED,
    )
    open_rows = list(wanted.select_for_update().order_by("pk"))
    done = [row for row in open_rows if (row.mission_id, row.member_id) in set(pairs)]
    UserMission.objects.filter(pk__in=[row.pk for row in done]).update(
        status=UserMissionStatus.COMPLETED, progress=COMPLETE, completed_at=timezone.now()
    )
    return inserted, {(row.mission_id, row.member_id) for row in done}


def _reward(completed: set[tuple[int, int]], missions: dict[int, Mission], people: dict[int, dict[str, Any]]) -> None:
    pairs = sorted(completed)
    award_xp(
        [
            XpAward(member, missions[mission].xp_reward, missions[mission].title, f"mission:{mission}:{member}")
            for mission, member in pairs
        ]
    )
    emit_many(
        [
            NewEvent(
                "mission.completed",
                {"mission": _payload(missions[mission]), "member": people[member]},
                f"mission/{mission}",
                f"mission.completed:{mission}:{member}",
            )
            for mission, member in pairs
        ]
    )


def _row(new: NewMission) -> Mission:
    return Mission(
        title=checked(Mission, "title", new.title),
        description=checked(Mission, "description", new.description),
        xp_reward=checked(Mission, "xp_reward", new.xp_reward),
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        app_id=current_cause().app_id,
        idem_key=None if new.idem_key is None else stored_key(new.idem_key),
    )


def _payload(mission: Mission) -> dict[str, Any]:
    return {
        "id": mission.pk,
        "title": mission.title,
        "description": mission.description,
        "status": mission.status,
        "xp_reward": mission.xp_reward,
        "ends_at": optional_instant(mission.ends_at),
    }
