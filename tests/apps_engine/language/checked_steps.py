"""Definitions of a few steps, and what validation finds in them."""

from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

MEMBERS = {"id": "members", "fetch": "users", "fields": ["id", "email", "display_name", "xp"], "limit": 10}
IGNORED = {"unused_result", "add_description", "triggers_itself", "limit_reached"}


def problems(*steps, triggers=None, response=None, **definition):
    event = {"id": "t", "type": "event", "event": "post.created", "flow": "main"}
    flow = {"steps": list(steps), **({"response": {"template": response}} if response else {})}
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "References",
        "triggers": triggers or [event],
        "flows": {"main": flow},
        **definition,
    }
    found = validate(parse(document).definition, CATALOGUE)
    return [problem for problem in found if problem.code not in IGNORED]


def codes(*steps, **definition):
    return {problem.code for problem in problems(*steps, **definition)}


def write(body, **step):
    return {"act": "create_post", "params": {"title": "t", "body": body}, **step}


def each(items, *steps, name="member", **step):
    return {"each": items, "as": name, "steps": list(steps), **step}
