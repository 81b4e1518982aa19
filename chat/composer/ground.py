"""What the composer knows of the community it composes for."""

from __future__ import annotations

from dataclasses import dataclass

from apps_engine.services.apps import list_apps
from decommerce.community.models import Room as CommunityRoom
from decommerce.community.models import RoomStatus
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal

MOST_ROOMS = 200


@dataclass(frozen=True, slots=True)
class Room:
    """A room's number and name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class KnownApp:
    """An app that exists."""

    id: int
    name: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Ground:
    """The rooms and the apps of a community, its name and its time zone."""

    tenant: str
    timezone: str
    rooms: tuple[Room, ...]
    apps: tuple[KnownApp, ...]


def survey(principal: Principal) -> Ground:
    """Look around once. Needs the tenant's scope."""
    rooms = CommunityRoom.objects.filter(status=RoomStatus.ACTIVE).order_by("name")[:MOST_ROOMS]
    apps = list_apps(principal).only("pk", "name", "status", "version_number")
    tenant = Tenant.objects.get(pk=principal.tenant_id)
    return Ground(
        tenant=tenant.name,
        timezone=tenant.timezone,
        rooms=tuple(Room(room.pk, room.name) for room in rooms),
        apps=tuple(KnownApp(app.pk, app.name, app.status, app.version_number) for app in apps),
    )
