"""Members: joining, changing, finding those who are meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from decommerce.community.alteration import store
from decommerce.community.insertion import insert_new
from decommerce.community.models import (
    Member,
    MemberStatus,
    ShopifyCheckout,
    ShopifyCustomer,
    ShopifyOrder,
)
from decommerce.community.outbox import NewEvent, emit_many, instant
from decommerce.community.values import checked
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Role

HOUSE = "platform:house"
TEAM = (Role.OWNER, Role.ADMIN, Role.MODERATOR)
GROUPS: Mapping[str, tuple[str, ...]] = {"admins": (Role.OWNER, Role.ADMIN), "team": TEAM}
EDITABLE = ("display_name", "country", "location", "bio", "status", "engagement_score")


class MemberTaken(PlatformError):
    """There is a member with this address already."""

    code = "member_exists"
    status = 409


class FieldNotEditable(PlatformError):
    """A field of a member that no service changes by hand."""

    code = "field_not_editable"


@dataclass(frozen=True, slots=True)
class NewMember:
    """Someone who joins. `email` None: they cannot be written to."""

    display_name: str
    email: str | None = None
    country: str = ""
    bio: str = ""
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemberChange:
    """New values of a member's editable fields (see EDITABLE).

    With `only_if`, nothing is changed unless the fields it names have these values.
    """

    member_id: int
    values: Mapping[str, Any]
    only_if: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """`outcome`: updated, unchanged, other_values (not those of `only_if`), team_member or not_found.

    A member of the team cannot be suspended. `before` and `after` are the values of the fields that changed.
    """

    member_id: int
    outcome: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def join(new: NewMember) -> Member:
    """A new member; raises MemberTaken where the address is somebody's."""
    members = join_many([new])
    if not members:
        raise MemberTaken(f"{new.email} is a member already.", hint="Use another address, or change that member.")
    return members[0]


def join_many(news: Sequence[NewMember]) -> list[Member]:
    """Those of the new members whose address was nobody's yet; emits member.joined for each. Raises ValueInvalid."""
    rows = [
        Member(
            display_name=checked(Member, "display_name", new.display_name),
            email=checked(Member, "email", new.email.strip()) if new.email else None,
            country=checked(Member, "country", new.country.upper()),
            bio=checked(Member, "bio", new.bio),
            joined_at=new.joined_at or timezone.now(),
        )
        for new in news
    ]
    inserted = insert_new(rows)
    joined = [row for row in rows if row.pk in inserted]
    link_purchases(joined)
    announce_members("member.joined", [row.pk for row in joined])
    return joined


def update_members(changes: Sequence[MemberChange]) -> list[MemberChanged]:
    """Change members; emits member.updated for those with a new value. Raises FieldNotEditable and ValueInvalid."""
    changes = [_checked_change(change) for change in changes]
    rows = Member.objects.with_role().filter(pk__in={change.member_id for change in changes})
    found = {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}
    results = [_apply(found.get(change.member_id), change) for change in changes]
    changed: dict[int, set[str]] = {}
    for result in results:
        if result.after:
            changed.setdefault(result.member_id, set()).update(result.after)
    if changed:
        store([found[key] for key in changed], sorted(set().union(*changed.values())))
        announce_members("member.updated", changed, changed)
    return results


def audience(role: str | None = None, *, room_id: int | None = None) -> list[int]:
    """The ids of the active members who hold `role`: owner, admin, moderator or member.

    `admins` are the first two, since an owner is an admin too, `team` the first three; None means everyone. `room_id`
    narrows it to those in a room.
    """
    members = Member.objects.active().exclude(external_id=HOUSE)
    if role is not None:
        members = members.with_role().filter(role__in=GROUPS.get(role, (role,)))
    if room_id is not None:
        members = members.filter(room_members__room_id=room_id)
    return list(members.order_by("pk").values_list("pk", flat=True))


def house_member() -> Member:
    """The member in whose name the platform itself writes."""
    insert = Member(display_name="Community team", external_id=HOUSE)
    found = Member.objects.filter(external_id=HOUSE).first()
    if found is None:
        insert_new([insert])
        found = Member.objects.get(external_id=HOUSE)
    return found


def persons(member_ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """Members as events name them: {"id", "display_name", "email", "role"} by id, in one query."""
    wanted = {member_id for member_id in member_ids if member_id is not None}
    rows = Member.objects.with_role().filter(pk__in=wanted) if wanted else []
    return {row.pk: person(row) for row in rows}


def person(member: Member) -> dict[str, Any]:
    """A member with their role annotated, as events name them."""
    return {"id": member.pk, "display_name": member.display_name, "email": member.email, "role": member.role}


def members_by_email(emails: Iterable[str | None]) -> dict[str, int]:
    """Member ids by address in lower case, in one query."""
    wanted = {email.lower() for email in emails if email}
    if not wanted:
        return {}
    rows = Member.objects.annotate(address=Lower("email")).filter(address__in=wanted)
    return dict(rows.values_list("address", "pk"))


def touch(member_ids: Collection[int], now: datetime) -> None:
    """Note that these members did something just now."""
    Member.objects.filter(Q(last_active_at=None) | Q(last_active_at__lt=now), pk__in=member_ids).update(
        last_active_at=now
    )


def link_purchases(members: Sequence[Member]) -> None:
    """Give new members what their address bought before they joined (TRG-09)."""
    by_email = {member.email.lower(): member.pk for member in members if member.email}
    if not by_email:
        return
    for model in (ShopifyCustomer, ShopifyOrder, ShopifyCheckout):
        rows = model.objects.annotate(address=Lower("email")).filter(member=None, address__in=by_email)
        linked = list(rows)
        for row in linked:
            row.member_id = by_email[row.email.lower()]
        if linked:
            model.objects.bulk_update(linked, ["member"])


def announce_members(
    name: str, member_ids: Iterable[int], changed: Mapping[int, Collection[str]] | None = None
) -> None:
    """Emit member.joined, or member.updated with the names of the changed fields."""
    rows = Member.objects.with_role().filter(pk__in=list(member_ids)).order_by("pk")
    emit_many(
        [
            NewEvent(
                name,
                {"member": _payload(row), **({"changed": sorted(changed[row.pk])} if changed else {})},
                f"member/{row.pk}",
                None if changed else f"{name}:{row.pk}",
            )
            for row in rows
        ]
    )


def _checked_change(change: MemberChange) -> MemberChange:
    return MemberChange(change.member_id, _checked_values(change.values), _checked_values(change.only_if))


def _checked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    for name in values:
        if name not in EDITABLE:
            raise FieldNotEditable(f"{name} of a member cannot be set.", hint=f"These can: {', '.join(EDITABLE)}.")
    return {name: checked(Member, name, value) for name, value in values.items()}


def _apply(member: Member | None, change: MemberChange) -> MemberChanged:
    if member is None:
        return MemberChanged(change.member_id, "not_found")
    if any(getattr(member, name) != value for name, value in change.only_if.items()):
        return MemberChanged(member.pk, "other_values")
    after = {name: value for name, value in change.values.items() if getattr(member, name) != value}
    if after.get("status") == MemberStatus.SUSPENDED and (member.role in TEAM or member.external_id == HOUSE):
        return MemberChanged(member.pk, "team_member")
    before = {name: getattr(member, name) for name in after}
    for name, value in after.items():
        setattr(member, name, value)
    return MemberChanged(member.pk, "updated" if after else "unchanged", before, after)


def _payload(member: Member) -> dict[str, Any]:
    return {
        **person(member),
        "status": member.status,
        "country": member.country,
        "xp": member.xp,
        "level": member.level,
        "joined_at": instant(member.joined_at),
    }
