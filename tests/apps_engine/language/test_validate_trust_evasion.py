"""Ways around the rules of the information flow, each of which was tried and is closed (LNG-09, SEC-06)."""

import pytest

from tests.apps_engine.language.untrusted_steps import (
    ANSWER,
    ASKED,
    HOOK,
    JOIN,
    MAIL,
    MARKED,
    MEMBERS,
    MODEL,
    POSTS,
    REFUSED,
    TOLD,
    found,
    over,
    remember,
    tell,
    transform,
    worked_out,
)

pytestmark = [pytest.mark.requirement("LNG-09"), pytest.mark.requirement("SEC-06")]


# How the steps take what the model or a member wrote to the parameter that decides who is told.
EVASIONS = {
    "map renames": [transform("map", "{{ model.rows }}", {"fields": {"to": "id"}}), tell("{{ made[0].to }}")],
    "map computes": [transform("map", "{{ members }}", {"fields": {"to": "model.id"}}), tell("{{ made[0].to }}")],
    "map chooses row by row": [
        transform("map", "{{ members }}", {"fields": {"to": "{{ item.id == model.id | ternary: item.id, 0 }}"}}),
        tell("{{ made[0].to }}"),
    ],
    "merge keeps the rows that the model lists": [transform("merge", "{{ members }}", JOIN), tell("{{ made[0].id }}")],
    "what a model picked, joined to the rest": [
        {"id": "some", "fetch": "users", "where": {"id": "{{ model.id }}"}},
        transform(
            "merge", "{{ posts }}", {"with": "{{ some }}", "on": {"left": "author_id", "right": "id"}, "as": "a"}
        ),
        tell("{{ made[0].a.id }}"),
    ],
    "the rest, joined to what a model picked": [
        {"id": "some", "fetch": "users", "where": {"id": "{{ model.id }}"}},
        transform("merge", "{{ some }}", {"with": "{{ posts }}", "on": {"left": "id", "right": "author_id"}}),
        tell("{{ made[0].author_id }}"),
    ],
    "one of what a model picked, in a list": [
        {"id": "some", "fetch": "users", "where": {"id": "{{ model.id }}"}},
        over(["{{ some[0] }}"], tell("{{ item.id }}")),
    ],
    "what a model picked, reshaped": [
        {"id": "some", "fetch": "users", "where": {"id": "{{ model.id }}"}},
        transform("map", "{{ some }}", {"fields": {"xp": "xp"}, "keep": True}),
        transform("group", "{{ made }}", {"by": ["xp"]}, "grouped"),
        over("{{ grouped }}", over("{{ item.items }}", tell("{{ one.id }}"), name="one")),
    ],
    "merge under a name": [
        transform("merge", "{{ members }}", {**JOIN, "as": "other"}),
        tell("{{ made[0].other.id }}"),
    ],
    "merge on what members write": [
        transform("merge", "{{ members }}", {"with": "{{ posts }}", "on": {"left": "display_name", "right": "title"}}),
        tell("{{ made[0].id }}"),
    ],
    "sum of one": [
        transform("aggregate", "{{ model.rows }}", {"metrics": {"to": {"sum": "id"}}}),
        tell("{{ made.to }}"),
    ],
    "count": [transform("aggregate", "{{ model.rows }}", {"metrics": {"n": {"count": "*"}}}), tell("{{ made.n }}")],
    "first": [transform("aggregate", "{{ model.rows }}", {"metrics": {"n": {"first": "id"}}}), tell("{{ made.n }}")],
    "group keys": [transform("group", "{{ posts }}", {"by": ["title"]}), tell("{{ made[0].title }}")],
    "group counts": [transform("group", "{{ model.rows }}", {"by": ["id"]}), tell("{{ made[0].count }}")],
    "how many are taken": [
        transform("limit", "{{ members }}", {"count": "{{ model.id }}"}),
        tell("{{ made | last | json | parse_json }}"),
    ],
    "from which row on": [
        {"id": "made", "fetch": "users", "limit": 1, "offset": "{{ model.id }}"},
        tell("{{ made[0].id }}"),
    ],
    "a filter object in a fetch": [
        {"id": "made", "fetch": "users", "where": {"id": "{{ model.id }}"}},
        over("{{ made }}", tell("{{ item.id }}")),
    ],
    "a filter object in a transform": [
        transform("filter", "{{ members }}", {"where": {"id": {"in": "{{ model.rows | pluck: 'id' }}"}}}),
        tell("{{ made[0].id }}"),
    ],
    "default": [tell("{{ model.who | default: 'moderators' }}")],
    "default of a list": [over("{{ members | where: 'xp', 'lt', 0 | default: model.rows }}", tell("{{ item.id }}"))],
    "coalesce": [tell("{{ trigger.post.room_id | coalesce: model.id }}")],
    "ternary": [tell("{{ model.who == 'x' | ternary: 'admins', model.who }}")],
    "ternary of lists": [over("{{ model.who == 'x' | ternary: members, model.rows }}", tell("{{ item.id }}"))],
    "json and back": [over("{{ model.rows | json | parse_json }}", tell("{{ item.id }}"))],
    "text and back": [tell("{{ '{{ model.id }}' | to_number }}")],
    "arithmetic": [tell("{{ model.id * 1 + 0 }}")],
    "length": [tell("{{ model.rows | length }}")],
    "an index": [tell("{{ members[model.id].id }}")],
    "a key": [tell("{{ trigger.author[model.who] }}")],
    "where": [tell("{{ members | where: 'id', model.id | pluck: 'id' | first }}")],
    "take and last": [tell("{{ members | pluck: 'id' | take: model.id | last }}")],
    "a loop over an answer": [over("{{ model.rows }}", tell("{{ item.id }}"))],
    "the numbers of a loop": [over("{{ model.rows }}", tell("{{ loop.number }}"))],
    "the numbers of a loop inside": [
        over("{{ members }}", over("{{ model.rows }}", tell("{{ loop.number }}"), name="x"))
    ],
    "a condition in a loop": [over("{{ members }}", tell("{{ item.id }}", when="item.id == model.id"))],
    "a condition with in": [over("{{ members }}", tell("{{ item.id }}", when="{{ model.who contains item.email }}"))],
    "a condition with a filter": [
        over("{{ members }}", tell("{{ item.id }}", when="{{ model.rows | pluck: 'id' | contains: item.id }}"))
    ],
    "a branch in a loop": [
        over("{{ members }}", {"branch": [{"when": "item.id == model.id", "steps": [tell("{{ item.id }}")]}]})
    ],
    "a ternary in a loop": [over("{{ members }}", tell("{{ item.id == model.id | ternary: item.id, 0 }}"))],
    "arithmetic in a condition": [over("{{ members }}", tell("{{ item.id }}", when="{{ (item.id - model.id) == 0 }}"))],
    "arithmetic and a filter": [over("{{ members }}", tell("{{ item.id }}", when="{{ (item.id - model.id) | not }}"))],
    "a text of both": [
        over("{{ members }}", tell("{{ item.id }}", when="{{ '{{ item.id }}:{{ model.id }}' == '5:5' }}"))
    ],
    "a step that compares": [
        over("{{ members }}", worked_out("{{ item.id == model.id }}"), tell("{{ item.id }}", when="{{ hit }}"))
    ],
    "a step that subtracts": [
        over("{{ members }}", worked_out("{{ item.id - model.id }}"), tell("{{ item.id }}", when="{{ hit == 0 }}"))
    ],
    "a step that fails": [
        over(
            "{{ members }}",
            worked_out("{{ 1 / (item.id - model.id) }}", on_error="continue"),
            tell("{{ item.id }}", when="{{ hit.error | is_empty | not }}"),
        )
    ],
    "a step that is left out": [
        over(
            "{{ members }}",
            worked_out("1", when="{{ item.id == model.id }}"),
            tell("{{ item.id }}", when="{{ hit | default: 0 == 1 }}"),
        )
    ],
    "a list of none or one": [
        over("{{ members }}", over("{{ (item.id == model.id) | ternary: [item.id], [] }}", tell("{{ x }}"), name="x"))
    ],
    "how many are fetched": [
        over(
            "{{ members }}",
            worked_out("(item.id == model.id) | ternary: 1, 0"),
            {"id": "made", "fetch": "users", "where": {"id": "{{ item.id }}"}, "limit": "{{ hit }}"},
            over("{{ made }}", tell("{{ x.id }}"), name="x"),
        )
    ],
    "rows that are marked, filtered": [
        MARKED,
        transform("filter", "{{ marked }}", {"where": {"hit": True}}),
        tell("{{ made[0].id }}"),
    ],
    "rows that are marked, by a condition": [
        MARKED,
        over("{{ marked }}", tell("{{ item.id }}", when="{{ item.hit }}")),
    ],
    "rows that are marked, sorted": [
        MARKED,
        transform("sort", "{{ marked }}", {"by": ["-off"]}),
        tell("{{ made[0].id }}"),
    ],
    "rows that are marked, sorted by a filter": [MARKED, tell("{{ marked | sort_by: 'off' | pluck: 'id' | first }}")],
    "rows that are marked, where": [MARKED, tell("{{ marked | where: 'off', 0 | pluck: 'id' | first }}")],
    "rows that are marked, unique": [MARKED, tell("{{ marked | unique: 'hit' | pluck: 'id' | last }}")],
    "rows that are marked, grouped": [
        MARKED,
        transform("group", "{{ marked }}", {"by": ["hit"]}),
        tell("{{ made[1]['items'][0].id }}"),
    ],
    "rows that are marked, aggregated": [
        MARKED,
        transform("aggregate", "{{ marked }}", {"by": ["hit"], "metrics": {"who": {"max": "id"}}}),
        tell("{{ made[1].who }}"),
    ],
    "the end of a loop": [over("{{ members }}", tell("{{ item.id }}"), until="{{ item.id == model.id }}")],
    "the end of a loop that a step inside finds": [
        over(
            "{{ members }}",
            tell("{{ item.id }}"),
            worked_out("{{ item.id == model.id }}"),
            until="{{ hit }}",
        )
    ],
    "the end of a loop that a model inside finds": [
        over("{{ members }}", tell("{{ item.id }}"), {**MODEL, "id": "judged"}, until="{{ judged.id == item.id }}")
    ],
    "the last of a loop": [
        over("{{ members }}", remember(last="{{ item.id }}"), until="{{ item.id == model.id }}"),
        tell("{{ state.last | default: 1 }}"),
    ],
    "what a step found, remembered": [
        over(
            "{{ members }}",
            worked_out("{{ item.id == model.id }}"),
            {**remember(to="{{ item.id }}"), "when": "{{ hit }}"},
        ),
        tell("{{ state.to | default: 1 }}"),
    ],
    "once for each of two": [over("{{ members }}", tell("{{ item.id }}", once_per="{{ item.id == model.id }}"))],
    "a webhook's answer": [HOOK, tell("{{ hook.body }}")],
    "a webhook's status": [HOOK, tell("{{ hook.status }}")],
    "the error of a step": [{**MAIL, "id": "mail", "on_error": "continue"}, tell("{{ mail.error.message }}")],
    "a reply": [ASKED, tell("{{ asked.text }}")],
    "another member of a reply": [ASKED, tell("{{ asked.choice }}")],
    "the values of an enum": [
        {
            **MODEL,
            "id": "m2",
            "params": {"prompt": "p", "output_schema": {"properties": {"who": {"enum": ["{{ trigger.post.body }}"]}}}},
        },
        tell("{{ m2.who }}"),
    ],
    "a member that a model adds under a name of the platform": [
        {**MODEL, "id": "m2", "params": {"prompt": "p", "output_schema": {**ANSWER, "additionalProperties": True}}},
        tell("{{ m2.model }}"),
    ],
    "a list of allowed values": [tell("{{ model.who }}", when="model.who in ['{{ trigger.post.body }}']")],
    "part of a target": [tell({"role": "{{ model.who }}"})],
    "a name of an event": [{"act": "emit_event", "params": {"event": "{{ model.who }}"}}],
    "a name of a flow": [{"act": "schedule_task", "params": {"flow": "{{ model.who }}", "delay": "1h"}}],
    "a name in an arm of many": [
        {"branch": [{"when": f"trigger.post.score == {n}", "steps": [MODEL | {"id": "m3"}]} for n in range(12)]},
        tell("{{ m3.who }}"),
    ],
}


@pytest.mark.parametrize("name", EVASIONS)
def test_a_way_around_is_closed(name):
    refused_or_told = TOLD if name == "merge on what members write" else REFUSED
    assert found(MODEL, MEMBERS, POSTS, *EVASIONS[name]) & refused_or_told
