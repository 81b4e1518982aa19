"""The shapes of rehearsals on what happened: of the past, and beside the live version."""

from __future__ import annotations

from apps_engine.api.shapes import (
    BOOLEAN,
    INSTANT,
    INSTANT_OR_NULL,
    INTEGER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    list_of,
    shape,
)

BACKTEST = shape(
    {
        "test": BOOLEAN,
        "note": TEXT,
        "since": INSTANT,
        "until": INSTANT,
        "kept_days": {"type": ["integer", "null"]},
        "started": INTEGER,
        "triggers": list_of(
            shape(
                {
                    "trigger": TEXT,
                    "type": TEXT,
                    "event": TEXT_OR_NULL,
                    "no_past": TEXT_OR_NULL,
                    "since": INSTANT,
                    "oldest_event_at": INSTANT_OR_NULL,
                    "cut": BOOLEAN,
                    "events": INTEGER,
                    "started": INTEGER,
                    "runs": INTEGER,
                    "kept_out": list_of(
                        shape({"outcome": TEXT, "count": INTEGER, "details": OBJECT, "event": INTEGER})
                    ),
                }
            )
        ),
        "rehearsals": shape(
            {
                "matching": INTEGER,
                "rehearsed": INTEGER,
                "stopped_by": {"type": ["string", "null"], "enum": ["time", "number", None]},
                "states": OBJECT,
                "counts": OBJECT,
                "failures": list_of(OBJECT),
                "effects": list_of(OBJECT),
            }
        ),
    }
)
SHADOWED = shape(
    {"started": INTEGER, "rehearsed": INTEGER, "states": OBJECT, "counts": OBJECT, "failures": OBJECT},
)
SHADOW = shape(
    {
        "app": INTEGER,
        "note": TEXT,
        "version": INTEGER,
        "begun_by": TEXT,
        "begun_at": INSTANT,
        "ends_at": INSTANT,
        "ended_at": INSTANT_OR_NULL,
        "end_reason": TEXT_OR_NULL,
        "looked_at": INSTANT,
        "events": INTEGER,
        "left_out": BOOLEAN,
        "live": SHADOWED,
        "draft": SHADOWED,
        "actions": list_of(shape({"action": TEXT, "live": INTEGER, "draft": INTEGER})),
        "definition": OBJECT,
    }
)
