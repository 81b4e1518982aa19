"""The shapes of what `services.presentation` writes, as JSON Schema: for the OpenAPI document and the agents' tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

ANY: Schema = {}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
INTEGER: Schema = {"type": "integer"}
INTEGER_OR_NULL: Schema = {"type": ["integer", "null"]}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object", "additionalProperties": True}
TEXTS: Schema = {"type": "array", "items": TEXT}
INSTANT: Schema = {"type": "string", "format": "date-time"}
INSTANT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
OBJECT_OR_NULL: Schema = {"type": ["object", "null"], "additionalProperties": True}


def shape(members: Mapping[str, Schema], *, optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object that has all these members, and perhaps the optional ones."""
    return {"type": "object", "required": list(members), "properties": {**members, **(optional or {})}}


def list_of(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def extended(base: Schema, members: Mapping[str, Schema]) -> Schema:
    """The base with more members, all of them there."""
    return shape({**base["properties"], **members})


def part_of(base: Schema, *members: str) -> Schema:
    """The base, told by some of its members only: an answer has the others too."""
    return shape({name: base["properties"][name] for name in members})


APP = shape(
    {
        "id": INTEGER,
        "name": TEXT,
        "description": TEXT,
        "icon": TEXT,
        "status": {"type": "string", "enum": ["active", "paused", "error", "deleted"]},
        "status_reason": TEXT,
        "backlog": TEXT_OR_NULL,
        "version": INTEGER,
        "runs": INTEGER,
        "errors": INTEGER,
        "consecutive_errors": INTEGER,
        "offered_as_tool": BOOLEAN,
        "last_run_at": INSTANT_OR_NULL,
        "created_by": TEXT,
        "updated_by": TEXT,
        "created_at": INSTANT,
        "updated_at": INSTANT,
    }
)
WEBHOOK_ADDRESS = shape(
    {"trigger": TEXT, "endpoint": TEXT, "address": TEXT, "scheme": TEXT, "header": TEXT, "ready": BOOLEAN}
)
FULL_APP = extended(
    APP,
    {
        "definition": OBJECT,
        "sentences": TEXTS,
        "report": OBJECT,
        "next_runs": list_of(INSTANT),
        "webhooks": list_of(WEBHOOK_ADDRESS),
    },
)
VERSION = shape({"number": INTEGER, "created_by": TEXT, "created_at": INSTANT})
STEP = shape(
    {
        "path": TEXT,
        "kind": TEXT,
        "status": TEXT,
        "input": ANY,
        "output": ANY,
        "error": OBJECT_OR_NULL,
        "items": INTEGER,
    },
    optional={"attempt": INTEGER, "started_at": INSTANT_OR_NULL, "duration_ms": INTEGER},
)
RUN = shape(
    {
        "id": INTEGER,
        "app": shape({"id": INTEGER, "name": TEXT}),
        "version": INTEGER,
        "state": TEXT,
        "flow": TEXT,
        "trigger": OBJECT,
        "inputs": OBJECT,
        "requested_by": TEXT,
        "attempt": INTEGER,
        "items": INTEGER,
        "progress": OBJECT_OR_NULL,
        "result": ANY,
        "error": OBJECT_OR_NULL,
        "usage": OBJECT,
        "run_at": INSTANT,
        "waits_until": INSTANT_OR_NULL,
        "created_at": INSTANT,
        "started_at": INSTANT_OR_NULL,
        "finished_at": INSTANT_OR_NULL,
    },
    optional={"steps": list_of(STEP), "withheld": TEXT},
)
# For tools beside those that are asked for an app or a run: every tool is told to a model again and again.
APP_IN_SHORT = part_of(APP, "id", "name", "status", "version")
NEW_VERSION = part_of(FULL_APP, "id", "name", "status", "version", "sentences", "next_runs", "webhooks")
RUN_IN_SHORT = part_of(RUN, "id", "state", "result", "error")
APP_WITH_RUNS = extended(FULL_APP, {"recent_runs": list_of(RUN)})
DECISION = shape(
    {"outcome": TEXT},
    optional={"trigger": ANY, "event": TEXT, "details": OBJECT, "repeats": INTEGER, "withheld": TEXT},
)
EVENT = shape(
    {
        "number": INTEGER,
        "id": TEXT,
        "source": TEXT,
        "type": TEXT,
        "time": INSTANT,
        "received_at": INSTANT,
        "chain": list_of(INTEGER),
        "runs": list_of(shape({"id": INTEGER, "app": shape({"id": INTEGER, "name": TEXT}), "state": TEXT})),
    }
)
LISTENER = shape({"app": shape({"id": INTEGER, "name": TEXT, "status": TEXT}), "outcome": TEXT})
FULL_EVENT = extended(EVENT, {"data": OBJECT, "listeners": list_of(LISTENER)})
AUDIT_ENTRY = shape(
    {
        "number": INTEGER,
        "at": INSTANT,
        "actor": shape({"kind": TEXT, "id": {"type": ["integer", "null"]}, "label": TEXT}),
        "verb": TEXT,
        "target": TEXT,
        "details": OBJECT,
    }
)
PROBLEM_OF_DEFINITION = shape({"path": TEXT, "code": TEXT, "message": TEXT, "hint": TEXT}, optional={"severity": TEXT})
UPGRADE = shape(
    {
        "app": shape({"id": INTEGER, "name": TEXT}),
        "version": INTEGER,
        "needed": BOOLEAN,
        "applied": BOOLEAN,
        "changes": list_of(shape({"path": TEXT}, optional={"before": ANY, "after": ANY})),
        "left": list_of(shape({"path": TEXT, "feature": TEXT})),
        "problems": list_of(PROBLEM_OF_DEFINITION),
        "definition": OBJECT,
    }
)
CHECK = shape(
    {"valid": BOOLEAN, "problems": list_of(PROBLEM_OF_DEFINITION), "report": OBJECT_OR_NULL, "sentences": TEXTS}
)
DRY_RUN = shape(
    {
        "test": BOOLEAN,
        "note": TEXT,
        "would_run": BOOLEAN,
        "trigger": OBJECT,
        "failed_clause": OBJECT_OR_NULL,
        "status": TEXT,
        "result": ANY,
        "error": OBJECT_OR_NULL,
        "steps": list_of(STEP),
        "effects": list_of(OBJECT),
        "counts": OBJECT,
    }
)
KEY = shape(
    {
        "id": INTEGER,
        "name": TEXT,
        "prefix": TEXT,
        "scopes": TEXTS,
        "confirms": BOOLEAN,
        "event_source": TEXT,
        "created_by": TEXT,
        "created_at": INSTANT,
        "expires_at": INSTANT_OR_NULL,
        "revoked_at": INSTANT_OR_NULL,
        "last_used_at": INSTANT_OR_NULL,
    }
)
KEY_WITH_SECRET = extended(KEY, {"secret": TEXT})
DOMAIN = shape(
    {"id": INTEGER, "pattern": TEXT, "added_by": TEXT, "added_at": INSTANT, "rotated_at": INSTANT_OR_NULL},
)
DOMAIN_WITH_SECRET = extended(DOMAIN, {"secret": TEXT})
ACCOUNT = shape(
    {
        "id": INTEGER,
        "mine": BOOLEAN,
        "person": TEXT,
        "provider": TEXT,
        "name": TEXT_OR_NULL,
        "email": TEXT_OR_NULL,
        "services": TEXTS,
        "state": {"type": "string", "enum": ["active", "expired", "revoked", "insufficient"]},
        "last_error": TEXT,
        "connected_at": INSTANT,
        "used_at": INSTANT_OR_NULL,
    }
)
EFFECT = shape(
    {
        "id": INTEGER,
        "path": TEXT,
        "action": TEXT,
        "state": {"type": "string", "enum": ["claimed", "done", "failed", "unknown"]},
        "key": TEXT,
        "message_id": TEXT,
        "host": TEXT,
        "response": OBJECT_OR_NULL,
        "error": OBJECT_OR_NULL,
        "created_at": INSTANT,
        "updated_at": INSTANT,
    },
    optional={"withheld": TEXT},
)
REPLAY = shape(
    {"matched": INTEGER, "queued": INTEGER, "refused": INTEGER, "left": BOOLEAN, "reason": TEXT, "last": INTEGER}
)
USAGE = shape(
    {
        "name": TEXT,
        "what": TEXT,
        "per": {"type": "string", "enum": ["hour", "day"]},
        "used": INTEGER,
        "allowed": INTEGER,
        "percent": INTEGER,
        "overridden": BOOLEAN,
        "resets_at": INSTANT,
    }
)
PROBLEM = shape(
    {"type": TEXT, "title": TEXT, "status": INTEGER, "detail": TEXT, "code": TEXT, "hint": TEXT, "retryable": BOOLEAN},
    optional={"problems": list_of(PROBLEM_OF_DEFINITION), "retry_after": INTEGER},
)
CLOUD_EVENT = shape(
    {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {**TEXT, "maxLength": 200},
        "source": {**TEXT, "maxLength": 200, "description": "Your program, such as /billing; never /tenants/..."},
        "type": {**TEXT, "description": "An event of the catalogue."},
        "data": {**OBJECT, "description": "What the catalogue says of that event."},
    },
    optional={
        "time": INSTANT,
        "tenantid": {**TEXT, "description": "The community of the key; it may be left out."},
        "dedupekey": {**TEXT, "maxLength": 200, "description": "Instead of the id, what tells duplicates."},
    },
)
TAKEN_EVENT = shape(
    {
        "id": TEXT_OR_NULL,
        "source": TEXT_OR_NULL,
        "status": {"type": "string", "enum": ["accepted", "duplicate", "refused"]},
        "problems": list_of(PROBLEM_OF_DEFINITION),
    }
)
CATALOGUE = shape({kind: list_of(OBJECT) for kind in ("connectors", "actions", "events", "transforms", "filters")})
STARTER = shape({"slug": TEXT, "category": TEXT, "name": TEXT, "summary": TEXT, "icon": TEXT})
FULL_STARTER = extended(
    STARTER,
    {"description": TEXT, "parameters": OBJECT, "defaults": OBJECT, "definition": OBJECT_OR_NULL, "sentences": TEXTS},
)
STARTER_PREVIEW = extended(CHECK, {"parameters": OBJECT, "definition": OBJECT_OR_NULL})
