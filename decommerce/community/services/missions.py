"""Missions: setting them up, and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_once
from decommerce.community.models import Mission
from decommerce.community.outbox import NewEvent, emit_many, optional_instant
from decommerce.community.services.statuses import StatusChange, StatusChanged, change_statuses
from decommerce.community.values import checked
from decommerce.tenancy.cause import current_cause


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
    """`outcome`: created, duplicate (of `mission_id`) or ends_before_start."""

    mission_id: int | None
    outcome: str


def create_missions(news: Sequence[NewMission]) -> list[MissionResult]:
    """Set up missions; emits mission.created for each that is new. Raises ValueInvalid."""
    rows = [_row(new) if _lasts(new) else None for new in news]
    inserted = insert_once([row for row in rows if row is not None])
    emit_many([_created(row) for row in inserted.new])
    return [
        MissionResult(None, "ends_before_start") if row is None else MissionResult(*inserted.place(row)) for row in rows
    ]


def set_mission_status(changes: Sequence[StatusChange]) -> list[StatusChanged]:
    """Begin missions, end them, or make them drafts again."""
    return change_statuses(Mission, changes).results


def mission_payload(mission: Mission) -> dict[str, Any]:
    """A mission as events name it."""
    return {
        "id": mission.pk,
        "title": mission.title,
        "description": mission.description,
        "status": mission.status,
        "xp_reward": mission.xp_reward,
        "ends_at": optional_instant(mission.ends_at),
    }


def _lasts(new: NewMission) -> bool:
    return new.starts_at is None or new.ends_at is None or new.starts_at < new.ends_at


def _created(mission: Mission) -> NewEvent:
    data = {"mission": mission_payload(mission)}
    return NewEvent("mission.created", data, f"mission/{mission.pk}", f"mission.created:{mission.pk}")


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
