"""The catalogue is a contract of plain values; here it is held against the models it speaks of (TRG-02)."""

from __future__ import annotations

import pytest

from decommerce.community.event_catalogue import EVENTS
from decommerce.community.event_catalogue.achievements import MISSION, REWARD
from decommerce.community.event_catalogue.content import POST, ROOM
from decommerce.community.event_catalogue.people import MEMBER
from decommerce.community.models import (
    ClaimStatus,
    FlagSeverity,
    MemberStatus,
    MissionStatus,
    PostStatus,
    RewardStatus,
    RoomStatus,
)
from decommerce.tenancy.models import Role

pytestmark = pytest.mark.requirement("TRG-02")
FLAG = EVENTS["post.flagged"].payload_schema["properties"]["flag"]
CLAIM = EVENTS["reward.claimed"].payload_schema["properties"]["claim"]


@pytest.mark.parametrize(
    ("schema", "field", "choices"),
    [
        (MEMBER, "role", Role),
        (MEMBER, "status", MemberStatus),
        (POST, "status", PostStatus),
        (ROOM, "status", RoomStatus),
        (FLAG, "severity", FlagSeverity),
        (MISSION, "status", MissionStatus),
        (REWARD, "status", RewardStatus),
        (CLAIM, "status", ClaimStatus),
    ],
)
def test_the_catalogue_knows_every_choice_of_the_models(schema, field, choices):
    assert schema["properties"][field]["enum"] == list(choices.values)


def test_every_record_is_closed_and_complete():
    def records(schema):
        if "properties" in schema:
            yield schema
            for part in schema["properties"].values():
                yield from records(part)
        if "items" in schema:
            yield from records(schema["items"])

    for event in EVENTS.values():
        for record in records(event.payload_schema):
            assert record["additionalProperties"] is False
            assert record["required"] == list(record["properties"])


def test_every_event_is_described_in_one_line_for_people():
    for event in EVENTS.values():
        assert event.summary
        assert "\n" not in event.summary
        assert event.summary[0].islower()
        assert not event.summary.endswith(".")
