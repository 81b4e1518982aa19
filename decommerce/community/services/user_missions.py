"""Members working on missions: given one, done with it, relieved of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from decommerce.community.insertion import insert_new
from decommerce.community.models import Member, MemberStatus, Mission, MissionStatus, UserMission, UserMissionStatus
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import person
from decommerce.community.services.missions import mission_payload
from decommerce.community.services.xp import XpAward, award_xp

COMPLETE = 100
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Progress:
    """`outcome`: started, completed or dropped; or why nothing was done: already_there, mission_not_found,
    mission_not_active (a draft, ended, or outside its dates), member_not_found, member_suspended, not_started,
    in_progress or already_completed. `xp` is what was awarded."""

    mission_id: int
    member_id: int
    outcome: str
    xp: int = 0


def start_missions(entries: Sequence[Pair]) -> list[Progress]:
    """Let members (mission id, member id) start missions that are active."""
    ground = _Ground.of(entries)
    possible = ground.possible(entries)
    started = _inserted(possible)
    return _results(entries, ground, started, UserMissionStatus.STARTED, {})


def complete_missions(entries: Sequence[Pair]) -> list[Progress]:
    """Note that members (mission id, member id) completed missions, and award the XP; emits mission.completed."""
    ground = _Ground.of(entries)
    possible = ground.possible(entries)
    _inserted(possible)
    done = _held(possible, UserMissionStatus.STARTED)
    UserMission.objects.filter(pk__in=[row.pk for row in done.values()]).update(
        status=UserMissionStatus.COMPLETED, progress=COMPLETE, completed_at=timezone.now()
    )
    awarded = _reward(set(done), ground) if done else {}
    return _results(entries, ground, set(done), UserMissionStatus.COMPLETED, awarded)


def drop_missions(entries: Sequence[Pair]) -> list[Progress]:
    """Relieve members (mission id, member id) of missions that they have done nothing for yet."""
    rows = _held(entries)
    dropped: dict[Pair, UserMission] = {}
    results = []
    for pair in entries:
        outcome = "not_started" if pair in dropped else _why_kept(rows.get(pair))
        if not outcome:
            dropped[pair] = rows[pair]
        results.append(Progress(*pair, outcome or "dropped"))
    UserMission.objects.filter(pk__in=[row.pk for row in dropped.values()]).delete()
    return results


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a batch stands on: the missions and the members that it names."""

    missions: Mapping[int, Mission]
    members: Mapping[int, Member]
    now: datetime

    @classmethod
    def of(cls, entries: Sequence[Pair]) -> _Ground:
        members = Member.objects.with_role().in_bulk({member for _, member in entries})
        return cls(Mission.objects.in_bulk({mission for mission, _ in entries}), members, timezone.now())

    def possible(self, entries: Sequence[Pair]) -> list[Pair]:
        return [pair for pair in dict.fromkeys(entries) if not self.refusal(*pair)]

    def refusal(self, mission_id: int, member_id: int) -> str:
        """Why the member cannot work on the mission, or nothing."""
        mission, member = self.missions.get(mission_id), self.members.get(member_id)
        if mission is None:
            return "mission_not_found"
        if mission.status != MissionStatus.ACTIVE or not self._is_on(mission):
            return "mission_not_active"
        if member is None:
            return "member_not_found"
        return "member_suspended" if member.status == MemberStatus.SUSPENDED else ""

    def _is_on(self, mission: Mission) -> bool:
        begun = mission.starts_at is None or mission.starts_at <= self.now
        return begun and (mission.ends_at is None or self.now < mission.ends_at)


def _inserted(pairs: Sequence[Pair]) -> set[Pair]:
    rows = [UserMission(mission_id=mission, member_id=member) for mission, member in pairs]
    keys = insert_new(rows)
    return {(row.mission_id, row.member_id) for row in rows if row.pk in keys}


def _held(pairs: Collection[Pair], *statuses: str) -> dict[Pair, UserMission]:
    """The rows of these pairs, locked."""
    rows = UserMission.objects.filter(
        mission_id__in={mission for mission, _ in pairs}, member_id__in={member for _, member in pairs}
    )
    if statuses:
        rows = rows.filter(status__in=statuses)
    wanted = set(pairs)
    held = {(row.mission_id, row.member_id): row for row in rows.select_for_update().order_by("pk")}
    return {pair: row for pair, row in held.items() if pair in wanted}


def _why_kept(row: UserMission | None) -> str:
    if row is None:
        return "not_started"
    if row.status == UserMissionStatus.COMPLETED:
        return "already_completed"
    return "in_progress" if row.progress else ""


def _reward(done: Collection[Pair], ground: _Ground) -> dict[Pair, int]:
    """Award the XP and tell of it; what each was awarded."""
    pairs = sorted(done)
    missions = ground.missions
    results = award_xp(
        [
            XpAward(member, missions[mission].xp_reward, missions[mission].title, f"mission:{mission}:{member}")
            for mission, member in pairs
        ]
    )
    emit_many([_completed(missions[mission], ground.members[member]) for mission, member in pairs])
    return {
        pair: missions[pair[0]].xp_reward if result.outcome == "awarded" else 0
        for pair, result in zip(pairs, results, strict=True)
    }


def _completed(mission: Mission, member: Member) -> NewEvent:
    data: dict[str, Any] = {"mission": mission_payload(mission), "member": person(member)}
    return NewEvent("mission.completed", data, f"mission/{mission.pk}", f"mission.completed:{mission.pk}:{member.pk}")


def _results(
    entries: Sequence[Pair], ground: _Ground, new: Collection[Pair], outcome: str, awarded: Mapping[Pair, int]
) -> list[Progress]:
    """One result for each entry; of entries that say the same, the first did it."""
    left = set(new)
    results = []
    for pair in entries:
        refused = ground.refusal(*pair) or ("" if pair in left else "already_there")
        left.discard(pair)
        results.append(Progress(*pair, refused or str(outcome), 0 if refused else awarded.get(pair, 0)))
    return results
