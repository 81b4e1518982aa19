"""The published schema and validation agree on the shape of a definition: what one accepts the other does (LNG-05).

Sound definitions are broken in every place: each member dropped and renamed, each item repeated, each value replaced by
one of every JSON type. What the schema cannot say is listed in `BEYOND` and nowhere else.
"""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest

from apps_engine.language.parse import parse
from apps_engine.language.validate import CHECKS, CODES
from apps_engine.language.validate.codes import SHAPE
from apps_engine.language.validate.flows import settled
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.vocabulary import vocabulary_of
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("LNG-05")

VOCABULARY = vocabulary_of(CATALOGUE)
DEFINITIONS = Path(__file__).parents[2] / "definitions" / "valid"
RETRY = {"max_attempts": 3, "backoff": "fixed", "base_seconds": Decimal("1.5")}
EVERYTHING = {
    "schema_version": "1.1",
    "profile": "superpower",
    "name": "Everything",
    "description": "Every member of every kind of step and trigger",
    "version": "1.0.0",
    "icon": "*",
    "tags": ["all"],
    "inputs": {"type": "object", "properties": {"days": {"type": "integer", "default": 7}}},
    "triggers": [
        {"id": "m", "type": "manual", "flow": "main"},
        {
            "id": "s",
            "type": "scheduled",
            "cron": "0 9 * * 1",
            "timezone": "Europe/Zurich",
            "catch_up": 60,
            "flow": "main",
        },
        {"id": "e", "type": "event", "event": "post.created", "filter": {"post.score": {"gte": 3}}, "flow": "main"},
        {
            "id": "d",
            "type": "delayed",
            "event": "member.joined",
            "sequence": [{"delay": "1h", "flow": "main", "when": True}],
            "exit_when": False,
            "flow": "main",
        },
        {"id": "k", "type": "keyword", "phrases": ["go"], "match": "exact", "flow": "main"},
        {"id": "w", "type": "webhook", "endpoint": "in", "verify": "hmac_sha256", "flow": "main"},
    ],
    "flows": {
        "main": {
            "steps": [
                {
                    "id": "members",
                    "fetch": "users",
                    "where": {"xp": {"gte": 10}},
                    "fields": ["id", "email", "xp"],
                    "order_by": ["-xp"],
                    "limit": 5,
                    "offset": 0,
                    "when": "{{ now }} > today",
                    "on_error": "fail",
                    "retry": RETRY,
                },
                {"id": "top", "transform": "limit", "from": "{{ members }}", "params": {"count": 3}},
                {"id": "sum", "transform": "calculate", "params": {"expression": "1 + 2", "decimals": 2}},
                {
                    "each": "{{ top }}",
                    "as": "member",
                    "until": "{{ loop.last }}",
                    "steps": [
                        {
                            "id": "xp",
                            "act": "award_xp",
                            "params": {"member_id": "{{ member.id }}", "amount": 5, "reason": "x"},
                            "once_per": "xp:{{ member.id }}",
                        },
                        {"act": "send_notification", "params": {"to": "moderators", "title": "t", "body": None}},
                    ],
                },
                {"branch": [{"when": False, "steps": [{"pause": {"for": "1h"}}]}, {"steps": [{"pause": {"for": 3}}]}]},
                {"pause": {"for_reply": {"prompt": "Yes?"}}},
            ],
            "response": {"template": "Done", "ui": [{"type": "header", "text": "Done"}]},
        }
    },
    "states": {"initial": "a", "states": {"a": {"flows": ["main"], "transitions": [{"to": "a", "when": True}]}}},
    "permissions": {"emits": ["done"], "subscribes": ["other"], "oauth": ["gmail"], "domains": ["hooks.example.com"]},
    "settings": {
        "enabled": True,
        "retry": RETRY,
        "concurrency": {"mode": "parallel", "max": 2, "key": "{{ inputs.days }}"},
        "notify_on_error": False,
        "on_quota": "skip",
    },
    "completion_criteria": "Done",
    "escalation": {"on_empty_result": "x", "on_rate_limit": "y"},
}

VALUES = (None, True, 7, -1, Decimal("0.5"), "", "text", "{{ members }}", [], ["text"], {}, {"a": 1})

# Problems that bear a code of shape and are about what a schema cannot say: what stands in a filter object or in the
# schema of the inputs, which have a grammar of their own; what a metric adds up; what a template renders.
BEYOND = ("/where/", "/filter/")
BEYOND_CODES = {"bad_inputs", "bad_default"}
NAMES = {"unknown_connector", "unknown_action", "unknown_transform", "missing_parameter", "unknown_parameter"}


def changes(tree, path=()) -> Iterator[tuple[tuple, str, object]]:
    """Every change of one place: the path, what is done, and the value that is put there."""
    for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
        here = (*path, key)
        yield here, "drop", None
        if isinstance(tree, dict):
            yield here, "rename", f"{key}s"
        else:
            yield here, "repeat", None
        if isinstance(inner, dict | list):
            yield from changes(inner, here)
        for value in VALUES:
            yield here, "replace", value


def changed(definition, path, change, value):
    made = deepcopy(definition)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    if change == "drop":
        del holder[last]
    elif change == "rename":
        holder[value] = holder.pop(last)
    elif change == "repeat":
        holder.insert(last, deepcopy(holder[last]))
    else:
        holder[last] = deepcopy(value)
    return made


def judge(review) -> None:
    for check in CHECKS:
        check(review)


def faults_of_shape(definition, *, shaped: bool) -> set[tuple[str, str]]:
    """What validation says of the shape when it judges part by part, or when it relies on the published schema."""
    review = settled(Review.of(definition, VOCABULARY, shaped=shaped), judge)
    return {
        (problem.code, problem.path)
        for problem in review.findings.problems
        if _of_shape(problem.code, problem.path) and not _beyond(problem.code, problem.path, definition)
    }


def _of_shape(code, path):
    return code in SHAPE or code in NAMES or _names_a_field(code, path)


def _beyond(code, path, definition):
    if code in BEYOND_CODES or any(part in path for part in BEYOND):
        return True
    value, parts = _value_at(definition, path), ["", *path.split("/")]
    rendered = parts[-2] == "params" or parts[-1] in ("limit", "offset", "for")
    summed = "/metrics/" in path and parts[-1] in ("sum", "avg")
    return code == "wrong_type" and isinstance(value, str) and (summed or ("{{" in value and rendered))


def _names_a_field(code, path):
    """Whether a fetch names it, whose fields the schema lists; those of a transform follow from the steps before."""
    named = "/fields/" in path or "/order_by/" in path
    return code in ("unknown_field", "not_orderable") and named and "/params/" not in path


def _value_at(definition, path):
    value = definition
    for token in path.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        known = value.get(key) if isinstance(value, dict) else None
        value = value[int(key)] if isinstance(value, list) and key.isdecimal() and int(key) < len(value) else known
    return value


def agree(definition):
    """Whether both say the same; the schema is asked first, as validation does."""
    accepted = VOCABULARY.definition.accepts(definition)
    if accepted:
        return not faults_of_shape(definition, shaped=False)
    return bool(faults_of_shape(definition, shaped=False))


def test_the_whole_example_is_sound():
    assert VOCABULARY.definition.accepts(EVERYTHING)
    assert faults_of_shape(EVERYTHING, shaped=False) == faults_of_shape(EVERYTHING, shaped=True) == set()


SECTIONS = ["triggers", "flows", "states", "permissions", "settings", ""]


@pytest.mark.parametrize("section", SECTIONS)
def test_the_schema_and_validation_agree_on_every_change_of_one_place(section):
    apart = [
        (path, change, value)
        for path, change, value in changes(EVERYTHING)
        if (path[0] == section or (not section and path[0] not in SECTIONS))
        and path[0] != "inputs"
        and not agree(changed(EVERYTHING, path, change, value))
    ]
    assert apart == []


@pytest.mark.parametrize("path", sorted(DEFINITIONS.glob("*.json")), ids=lambda path: path.stem)
def test_they_agree_on_changes_of_the_sound_definitions(path):
    definition = parse(path.read_bytes()).definition
    some = list(changes(definition))[:: max(1, len(list(changes(definition))) // 150)]
    assert [change for change in some if not agree(changed(definition, *change))] == []


def test_the_codes_of_shape_are_documented():
    assert set(SHAPE) <= set(CODES)
