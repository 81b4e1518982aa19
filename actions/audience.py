"""Who is meant by `to`: a member, several, or an audience that the platform itself knows.

A named audience cannot be widened by whatever content a run reads, so it needs no further check by the validator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.identifiers import RowId
from decommerce.community.services.members import audience
from decommerce.tenancy.errors import PlatformError

MAX_RECIPIENTS = 10_000

# What people write, and the role that the community's service knows; None is every active member.
NAMED: Mapping[str, str | None] = {
    "owners": "owner",
    "admins": "admins",
    "moderators": "moderator",
    "team": "team",
    "everyone": None,
}


class Role(BaseModel):
    """Those who hold a role; `team` is every owner, admin and moderator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["owner", "admin", "moderator", "member", "team"]


To = (
    RowId
    | Annotated[list[RowId], Field(max_length=MAX_RECIPIENTS)]
    | Role
    | Literal["owners", "admins", "moderators", "team", "everyone"]
)


class AudienceTooLarge(PlatformError):
    """One call reaches at most `MAX_RECIPIENTS` members."""

    code = "audience_too_large"


def resolve(wanted: Sequence[To]) -> list[list[int]]:
    """The member ids that each `to` means, each id once; one query for each different audience.

    Ids are taken as they are: whether there is such a member shows when they are used. Raises AudienceTooLarge.
    """
    members = {role: audience(role) for role in dict.fromkeys(_roles(wanted))}
    for ids in members.values():
        if len(ids) > MAX_RECIPIENTS:
            raise AudienceTooLarge(
                f"This would reach {len(ids):,} members; one call reaches {MAX_RECIPIENTS:,}.",
                hint="Fetch the members that are meant, and loop over them.",
            )
    return [_ids(to, members) for to in wanted]


def _roles(wanted: Iterable[To]) -> Iterable[str | None]:
    return (_role(to) for to in wanted if isinstance(to, str | Role))


def _role(to: str | Role) -> str | None:
    return to.role if isinstance(to, Role) else NAMED[to]


def _ids(to: To, members: Mapping[str | None, list[int]]) -> list[int]:
    if isinstance(to, str | Role):
        return members[_role(to)]
    return list(dict.fromkeys(to)) if isinstance(to, list) else [to]
