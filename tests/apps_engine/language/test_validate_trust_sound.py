"""What is trusted, and stays so beside a model (LNG-09, SEC-06)."""

import pytest

from tests.apps_engine.language.untrusted_steps import (
    MEMBERS,
    MODEL,
    POSTS,
    found,
    over,
    tell,
    transform,
    worked_out,
)

pytestmark = [pytest.mark.requirement("LNG-09"), pytest.mark.requirement("SEC-06")]
SOUND = {
    "the author of the post": [tell("{{ trigger.author.id }}")],
    "members whom the platform knows": [over("{{ members }}", tell("{{ item.id }}"))],
    "the authors of posts": [
        transform(
            "merge", "{{ posts }}", {"with": "{{ members }}", "on": {"left": "author_id", "right": "id"}, "as": "a"}
        ),
        over("{{ made }}", tell("{{ item.a.id }}")),
    ],
    "a group for each author": [
        transform("group", "{{ posts }}", {"by": ["author_id"]}),
        tell("{{ made[0].author_id }}"),
    ],
    "whether, not whom": [over("{{ members }}", tell("{{ item.id }}", when="{{ model.who }} == 'yes'"))],
    "what a member wrote about themselves": [
        over("{{ posts }}", tell("{{ item.author_id }}", when="item.title contains 'help'"))
    ],
    "a choice among those listed": [tell("{{ model.who == 'x' | ternary: 'admins', 'moderators' }}")],
    "which model answered": [tell("{{ model.model }}")],
    "an enum": [tell("{{ model.audience }}")],
    "rows by the enum": [
        {"id": "made", "fetch": "users", "where": {"role": "{{ model.audience }}"}},
        over("{{ made }}", tell("{{ item.id }}")),
    ],
    "a model that judges each post": [
        over(
            "{{ posts }}", {**MODEL, "id": "judged"}, tell("{{ item.author_id }}", when="judged.audience == 'admins'")
        ),
    ],
    "what a step works out of the platform's own": [
        over("{{ members }}", worked_out("{{ item.xp * 2 }}"), tell("{{ item.id }}", when="{{ hit > 10 }}"))
    ],
    "the end of a loop that the platform knows": [
        over("{{ members }}", tell("{{ item.id }}"), until="{{ item.xp < 10 }}")
    ],
    "the best by a formula": [
        transform("map", "{{ members }}", {"fields": {"id": "id", "points": "xp * 2"}}),
        transform("sort", "{{ made }}", {"by": ["-points"]}, "best"),
        tell("{{ best[0].id }}"),
    ],
    "the highest number": [
        transform("aggregate", "{{ posts }}", {"metrics": {"by": {"max": "author_id"}}}),
        tell("{{ made.by }}"),
    ],
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_accepted(name):
    assert found(MODEL, MEMBERS, POSTS, *SOUND[name]) == set()
