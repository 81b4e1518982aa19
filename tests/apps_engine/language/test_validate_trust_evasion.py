"""Ways around the rules of the information flow, each of which was tried and is closed (LNG-09, SEC-06)."""

import pytest

from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = [pytest.mark.requirement("LNG-09"), pytest.mark.requirement("SEC-06")]

REFUSED = {"untrusted_target", "untrusted_recipients"}
TOLD = {*REFUSED, "untrusted_selection"}
ANSWER = {
    "type": "object",
    "properties": {
        "who": {"type": "string"},
        "id": {"type": "integer"},
        "audience": {"enum": ["moderators", "admins"]},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}},
    },
}
MODEL = {"id": "model", "act": "ai_generate", "params": {"prompt": "{{ trigger.post.body }}", "output_schema": ANSWER}}
MEMBERS = {"id": "members", "fetch": "users", "limit": 50}
POSTS = {"id": "posts", "fetch": "posts", "limit": 50}
EVENT = {"id": "t", "type": "event", "event": "post.created", "flow": "main"}


def found(*steps, triggers=(EVENT,), **definition):
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Evasion",
        "triggers": list(triggers),
        "flows": {"main": {"steps": list(steps)}},
        **definition,
    }
    parsed = parse(document)
    return {problem.code for problem in validate(parsed.definition, CATALOGUE) if problem.code in TOLD}


def tell(to, **step):
    return {"act": "send_notification", "params": {"to": to, "title": "t"}, **step}


def transform(name, source, params, step_id="made"):
    return {"id": step_id, "transform": name, "from": source, "params": params}


def over(items, *steps, name="item", **loop):
    return {"each": items, "as": name, "steps": list(steps), **loop}


def worked_out(expression, **step):
    return {"id": "hit", "transform": "calculate", "params": {"expression": expression}, **step}


def remember(**data):
    return {"act": "state_update", "params": {"data": data}}


JOIN = {"with": "{{ model.rows }}", "on": "id"}
MAIL = {"act": "send_email", "params": {"to": "a@example.com", "subject": "s", "body": "b"}}
HOOK = {"id": "hook", "act": "webhook", "params": {"url": "https://hooks.example.com/x"}}
ASKED = {"id": "asked", "pause": {"for_reply": {"prompt": "Who?"}}}
# Each member with whether, and how nearly, the model means them.
MARKED = transform(
    "map",
    "{{ members }}",
    {"fields": {"id": "id", "hit": "item.id == model.id", "off": "item.id - model.id"}},
    "marked",
)

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


def test_a_trigger_that_hands_over_something_else_does_not_launder_it():
    webhook = {"id": "w", "type": "webhook", "endpoint": "e", "flow": "main"}
    other = {"id": "m", "type": "event", "event": "member.joined", "flow": "main"}
    steps = [tell("{{ trigger.member.id }}")]
    assert found(*steps, triggers=[other]) == set()
    assert found(tell("{{ trigger.body }}"), triggers=[other, webhook]) & REFUSED


def test_what_one_flow_remembers_another_one_cannot_trust():
    reading = {"main": {"steps": [MODEL, remember(to="{{ model.who }}")]}, "other": {"steps": [tell("{{ state.to }}")]}}
    triggers = [EVENT, {**EVENT, "id": "o", "flow": "other"}]
    assert found(triggers=triggers, flows=reading) & REFUSED
    chained = {
        "main": {"steps": [MODEL, remember(a="{{ model.who }}")]},
        "other": {"steps": [remember(b="{{ state.a }}")]},
        "third": {"steps": [remember(c="{{ state.b }}"), tell("{{ state.c }}")]},
    }
    assert found(triggers=[*triggers, {**EVENT, "id": "p", "flow": "third"}], flows=chained) & REFUSED


def test_what_the_app_remembers_of_the_platform_it_may_use():
    steps = [tell("{{ state.last | default: 1 }}"), remember(last="{{ trigger.author.id }}")]
    assert found(*steps) == set()
    assert found(*steps, {"act": "state_update", "params": {"data": "{{ trigger.post.body | parse_json }}"}}) & REFUSED


def test_a_key_that_nothing_writes_is_not_trusted():
    assert found(tell("{{ state.other | default: 1 }}"), remember(last=3)) & REFUSED


def task(flow, **data):
    return {"act": "schedule_task", "params": {"flow": flow, "delay": "1h", "data": data}}


def test_a_task_hands_on_whose_text_it_was_given():
    later = {"steps": [tell("{{ trigger.to }}")]}
    assert found(flows={"main": {"steps": [task("later", to="{{ trigger.author.id }}")]}, "later": later}) == set()
    assert found(flows={"main": {"steps": [MODEL, task("later", to="{{ model.who }}")]}, "later": later}) & REFUSED
    chosen = over("{{ members }}", {**task("later", to="{{ item.id }}"), "when": "item.id == model.id"})
    assert found(flows={"main": {"steps": [MODEL, MEMBERS, chosen]}, "later": later}) & REFUSED
    keyed = task("later", to="{{ item.id }}")
    keyed["params"]["key"] = "{{ item.id == model.id }}"
    assert found(flows={"main": {"steps": [MODEL, MEMBERS, over("{{ members }}", keyed)]}, "later": later}) & REFUSED


def test_a_task_that_sets_itself_again_keeps_what_it_was_given():
    again = {"steps": [tell("{{ trigger.to }}"), task("later", to="{{ trigger.to }}")]}
    assert found(flows={"main": {"steps": [task("later", to="{{ trigger.author.id }}")]}, "later": again}) == set()
    assert found(flows={"main": {"steps": [MODEL, task("later", to="{{ model.id }}")]}, "later": again}) & REFUSED
