"""Events of members."""

from __future__ import annotations

from decommerce.community.event_catalogue.event import PlatformEvent
from decommerce.community.event_catalogue.schemas import (
    COUNT,
    ID,
    INSTANT,
    INTEGER,
    OPTIONAL_TEXT,
    TEXT,
    WORDS,
    one_of,
    record,
)

ROLE = one_of("owner", "admin", "moderator", "member")
# Whoever did something: the same four fields in every event.
PERSON = record(id=ID, display_name=TEXT, email=OPTIONAL_TEXT, role=ROLE)
PERSON_SAMPLE = {"id": 31, "display_name": "Mira Sand", "email": "mira@example.org", "role": "member"}

MEMBER = record(
    id=ID,
    display_name=TEXT,
    email=OPTIONAL_TEXT,
    role=ROLE,
    status=one_of("active", "suspended"),
    country=TEXT,
    xp=INTEGER,
    level=COUNT,
    joined_at=INSTANT,
)
MEMBER_SAMPLE = {
    **PERSON_SAMPLE,
    "status": "active",
    "country": "CH",
    "xp": 120,
    "level": 2,
    "joined_at": "2026-11-21T09:00:00Z",
}
NAME = ("member.display_name",)

PEOPLE_EVENTS = (
    PlatformEvent(
        "member.joined", "someone joins the community", record(member=MEMBER), {"member": MEMBER_SAMPLE}, NAME
    ),
    PlatformEvent(
        "member.updated",
        "a member's profile changes",
        record(member=MEMBER, changed=WORDS),
        {"member": MEMBER_SAMPLE, "changed": ["country"]},
        NAME,
    ),
    PlatformEvent(
        "xp.awarded",
        "a member gains or loses XP",
        record(
            member=PERSON,
            xp=record(amount=INTEGER, reason=TEXT, total=INTEGER, level=COUNT, previous_level=COUNT),
        ),
        {
            "member": PERSON_SAMPLE,
            "xp": {"amount": 50, "reason": "Helpful answer", "total": 410, "level": 3, "previous_level": 2},
        },
        (*NAME, "xp.reason"),
    ),
)
