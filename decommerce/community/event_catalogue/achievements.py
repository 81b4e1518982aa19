"""Events of missions, contributions and rewards."""

from __future__ import annotations

from decommerce.community.event_catalogue.event import PlatformEvent
from decommerce.community.event_catalogue.people import PERSON, PERSON_SAMPLE
from decommerce.community.event_catalogue.schemas import (
    COUNT,
    ID,
    INTEGER,
    OPTIONAL_COUNT,
    OPTIONAL_ID,
    OPTIONAL_INSTANT,
    TEXT,
    one_of,
    record,
)

MISSION = record(
    id=ID,
    title=TEXT,
    description=TEXT,
    status=one_of("draft", "active", "ended"),
    xp_reward=COUNT,
    ends_at=OPTIONAL_INSTANT,
)
MISSION_SAMPLE = {
    "id": 3,
    "title": "Introduce yourself",
    "description": "Write your first post.",
    "status": "active",
    "xp_reward": 50,
    "ends_at": None,
}
REWARD = record(
    id=ID, title=TEXT, description=TEXT, status=one_of("active", "ended"), cost_xp=COUNT, stock=OPTIONAL_COUNT
)
REWARD_SAMPLE = {
    "id": 2,
    "title": "Club mug",
    "description": "Enamel, 0.4 l.",
    "status": "active",
    "cost_xp": 300,
    "stock": 25,
}
DOER = ("member.display_name",)
# Apps set up missions and rewards too, with texts that members or a model wrote.
MISSION_TEXTS = ("mission.title", "mission.description")
REWARD_TEXTS = ("reward.title", "reward.description")

ACHIEVEMENT_EVENTS = (
    PlatformEvent(
        "mission.created", "a mission is set up", record(mission=MISSION), {"mission": MISSION_SAMPLE}, MISSION_TEXTS
    ),
    PlatformEvent(
        "mission.completed",
        "a member completes a mission",
        record(mission=MISSION, member=PERSON),
        {"mission": MISSION_SAMPLE, "member": PERSON_SAMPLE},
        (*DOER, *MISSION_TEXTS),
    ),
    PlatformEvent(
        "contribution.created",
        "a member's contribution is recorded",
        record(
            contribution=record(id=ID, kind=TEXT, title=TEXT, points=INTEGER, post_id=OPTIONAL_ID),
            member=PERSON,
        ),
        {
            "contribution": {"id": 9, "kind": "badge", "title": "Teacher", "points": 10, "post_id": None},
            "member": PERSON_SAMPLE,
        },
        (*DOER, "contribution.title"),
    ),
    PlatformEvent(
        "reward.created", "a reward is set up", record(reward=REWARD), {"reward": REWARD_SAMPLE}, REWARD_TEXTS
    ),
    PlatformEvent(
        "reward.claimed",
        "a member claims a reward",
        record(reward=REWARD, claim=record(id=ID, status=one_of("claimed", "fulfilled", "cancelled")), member=PERSON),
        {"reward": REWARD_SAMPLE, "claim": {"id": 11, "status": "claimed"}, "member": PERSON_SAMPLE},
        (*DOER, *REWARD_TEXTS),
    ),
)
