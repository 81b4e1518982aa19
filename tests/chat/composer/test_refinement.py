"""What was proposed can be changed in words."""

from __future__ import annotations

import pytest

from chat.composer.ground import Ground, Room
from chat.composer.reading import read
from chat.composer.refinement import refine

GROUND = Ground("Acme", "UTC", (Room(3, "General"), Room(4, "Gear")), ())
SHORT = "Flag posts shorter than 80 characters and tell the moderators"


def refined(sentence: str, change: str):
    return refine(read(sentence, GROUND.rooms), change, GROUND)


@pytest.mark.requirement("CHT-01")
@pytest.mark.parametrize(
    "change", ["make it 100", "100 instead of 80", "shorter than 100 characters", "change 80 to 100"]
)
def test_a_number_replaces_the_one_in_the_condition(change):
    assert [condition.value for condition in refined(SHORT, change).conditions] == [100]


def test_a_room_narrows_it_and_all_rooms_widen_it_again():
    narrowed = refined(SHORT, "only in Gear")
    assert narrowed.room_ids == (4,)
    assert refine(narrowed, "in all rooms", GROUND).room_ids == ()


def test_somebody_else_is_told_instead():
    assert refined(SHORT, "tell the admins instead").effect("notify").to == "admins"


def test_another_effect_is_added():
    effects = refined(SHORT, "also give the author 5 XP").effects
    assert [effect.kind for effect in effects] == ["flag", "notify", "award"]


def test_an_effect_is_taken_away():
    assert [effect.kind for effect in refined(SHORT, "don't tell the moderators").effects] == ["flag"]


def test_it_gets_another_name():
    assert refined(SHORT, 'call it "Too short"').name == "Too short"


def test_the_severity_changes():
    assert refined(SHORT, "make it high severity").effect("flag").severity == "high"


def test_another_time_keeps_the_day():
    assert refined("every Monday mail all members", "at 18:30 please").cron == "30 18 * * 1"


def test_another_day_replaces_the_schedule():
    assert refined("every Monday mail all members", "rather every Friday at 8").cron == "0 8 * * 5"


def test_asking_again_changes_nothing():
    assert refined(SHORT, "propose it again") == read(SHORT, GROUND.rooms)


def test_what_changes_nothing_is_not_a_change():
    assert refined(SHORT, "the weather is nice") is None
