"""Steps that take what a model or a member wrote somewhere, and what validation finds."""

from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

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
