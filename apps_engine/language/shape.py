"""The shape of a canonical definition, part by part, as JSON Schema (draft 2020-12).

Each part leaves open what lies inside it and is judged by itself: the steps of a flow, the parameters of an action. So
validation judges every part with its own schema and reports plain faults, and `schema.py` puts the parts together into
the one schema that is published. Descriptions are written for an editor and for a model that drafts definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.authoring import TEMPLATE_REF
from apps_engine.language.limits import PROFILES
from apps_engine.language.migrate import CURRENT

Schema = Mapping[str, Any]

NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]{0,63}$"


def closed(description: str, properties: Mapping[str, Schema], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these members and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def texts(description: str, *, least: int = 0, longest: int = 200) -> dict[str, Any]:
    """A list of distinct texts."""
    items = {"type": "string", "minLength": 1, "maxLength": longest}
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": True, "description": description}


NAME: dict[str, Any] = {"type": "string", "pattern": NAME_PATTERN}
CONDITION: dict[str, Any] = {
    "type": ["string", "boolean"],
    "description": "Run only when this holds: \"{{ member.xp }} >= 100 and member.country == 'CH'\".",
}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
DURATION: dict[str, Any] = {
    "type": ["string", "integer"],
    "minimum": 0,
    "description": "How long: 30m, 2h, 7d, or a number of seconds.",
}
FILTER: dict[str, Any] = {
    "type": ["object", "array"],
    "description": 'A filter object: {"status": "active", "xp": {"gte": 100}, "or": [{...}, {...}]}.',
}
RETRY: dict[str, Any] = closed(
    "How a failed attempt is repeated.",
    {
        "max_attempts": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10,
            "description": "Attempts, the first included.",
        },
        "backoff": {"enum": ["exponential", "fixed"], "description": "Whether the waits grow."},
        "base_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600, "description": "The first wait."},
    },
)

_STEP: dict[str, Any] = {
    "id": {**NAME, "description": "The name of the result, for later steps: {{ members | length }}."},
    "when": CONDITION,
    "on_error": {
        "type": "string",
        "minLength": 1,
        "description": "`fail` (default), `continue`, or a key of `escalation`.",
    },
    "retry": RETRY,
}
STEPS_PLACE: dict[str, Any] = {"type": "array", "minItems": 1}
PARAMS_PLACE: dict[str, Any] = {"type": "object"}

STEPS: Mapping[str, dict[str, Any]] = {
    "fetch": closed(
        "Read rows through a connector; the result is a list of objects.",
        {
            "fetch": {"type": "string", "description": "The connector."},
            **_STEP,
            "where": FILTER,
            "fields": texts("The fields to read; all of them when left out.", least=1),
            "order_by": texts('Fields to order by, with a minus for descending: ["-xp"].', least=1),
            "limit": {"anyOf": [COUNT, TEMPLATE_REF], "description": "The most rows to read."},
            "offset": {"anyOf": [COUNT, TEMPLATE_REF], "description": "Rows to leave out first."},
        },
        ("fetch",),
    ),
    "transform": closed(
        "Reshape a list: filter, sort, limit, group, aggregate, merge, map; or work out a value: calculate, build_url.",
        {
            "transform": {"type": "string", "description": "The transform."},
            **_STEP,
            "from": {"type": ["string", "array"], "description": 'What to reshape: "{{ members }}".'},
            "params": PARAMS_PLACE,
        },
        ("transform",),
    ),
    "act": closed(
        "One side effect or one outside call.",
        {
            "act": {"type": "string", "description": "The action."},
            **_STEP,
            "params": PARAMS_PLACE,
            "once_per": {
                "type": "string",
                "minLength": 1,
                "description": 'At most once for each value of this key, for ever: "welcome:{{ member.id }}".',
            },
        },
        ("act",),
    ),
    "branch": closed(
        "Run the first arm whose condition holds; an arm without `when` is the otherwise.",
        {"branch": {"type": "array", "minItems": 1}, **_STEP},
        ("branch",),
    ),
    "each": closed(
        "Run steps for every item of a list.",
        {
            "each": {"type": ["string", "array"], "description": 'The items: "{{ members }}".'},
            "as": {**NAME, "description": "The name of one item inside the loop."},
            **_STEP,
            "steps": STEPS_PLACE,
            "until": {**CONDITION, "description": "Stop the loop after the item for which this holds."},
        },
        ("each", "as", "steps"),
    ),
    "pause": closed(
        "Wait for some time, or for a member's reply.",
        {
            "pause": {
                **closed(
                    "What to wait for.",
                    {
                        "for": {**DURATION, "description": "How long: 30m, 2h, 7d, seconds, or a template."},
                        "for_reply": {"type": "object", "description": "The question and where to ask it."},
                    },
                ),
                "minProperties": 1,
                "maxProperties": 1,
            },
            **_STEP,
        },
        ("pause",),
    ),
}

ARM = closed("One arm of a branch.", {"when": CONDITION, "steps": STEPS_PLACE}, ("steps",))
RESPONSE = closed(
    "What the flow answers at its end.",
    {
        "template": {"type": "string", "description": "The text, with placeholders."},
        "ui": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": {"type": "string", "minLength": 1}},
                "required": ["type"],
            },
            "description": "UI blocks; each degrades to text.",
        },
    },
)
FLOW = closed("Steps in order.", {"steps": STEPS_PLACE, "response": {"type": "object"}}, ("steps",))

SETTINGS = closed(
    "How the app runs.",
    {
        "enabled": {"type": "boolean", "description": "Whether triggers start it."},
        "retry": RETRY,
        "concurrency": closed(
            "What happens when a run is due while another is running.",
            {
                "mode": {"enum": ["skip", "queue", "restart", "parallel"]},
                "max": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Parallel runs at most."},
                "key": {
                    "type": "string",
                    "minLength": 1,
                    "description": "One line for each value: {{ trigger.post.id }}.",
                },
            },
            ("mode",),
        ),
        "notify_on_error": {"type": "boolean", "description": "Tell the admins when it fails."},
        "on_quota": {"enum": ["skip", "reschedule"], "description": "What to do when a quota is used up."},
    },
)
PERMISSIONS = closed(
    "What the app may do beyond its own community's data.",
    {
        "emits": texts("App events it may send.", longest=80),
        "subscribes": texts("App events it may listen to.", longest=80),
        "oauth": texts("Accounts of the member it may use, such as gmail."),
        "domains": texts("Domains it may call, such as hooks.example.com."),
    },
)
STATES = closed(
    "The phases of a conversation.",
    {
        "initial": {"type": "string", "description": "The first state."},
        "states": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": closed(
                "One state.",
                {
                    "flows": texts("The flows that may start in it."),
                    "transitions": {
                        "type": "array",
                        "items": closed(
                            "Where to go, and when.", {"to": {"type": "string"}, "when": CONDITION}, ("to",)
                        ),
                    },
                },
            ),
        },
    },
    ("initial", "states"),
)
DEFINITION = closed(
    "An app: what starts it and what it does.",
    {
        "schema_version": {"const": CURRENT, "description": "The version of this schema."},
        "profile": {"enum": list(PROFILES), "description": "Which limits hold."},
        "name": {"type": "string", "minLength": 1, "maxLength": 120, "description": "What admins call it."},
        "description": {"type": "string", "maxLength": 2_000, "description": "What it is for."},
        "version": {"type": "string", "maxLength": 40},
        "icon": {"type": "string", "maxLength": 16, "description": "One emoji."},
        "tags": texts("Words to find it by."),
        "inputs": {
            "type": ["object", "null"],
            "description": "What a run by hand asks for, as JSON Schema of an object.",
        },
        "triggers": {"type": "array", "minItems": 1},
        "flows": {"type": "object", "minProperties": 1},
        "states": {"type": ["object", "null"]},
        "permissions": PERMISSIONS,
        "settings": SETTINGS,
        "completion_criteria": {"type": ["string", "null"], "maxLength": 2_000, "description": "What success is."},
        "escalation": {
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 2_000},
            "description": 'What to say or do by failure: {"on_empty_result": "Say that the inbox was read."}.',
        },
    },
    ("schema_version", "profile", "name", "triggers", "flows"),
)
