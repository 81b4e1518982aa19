"""Keep the first rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.errors import WrongType
from apps_engine.language.kinds import described
from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import Type
from apps_engine.language.transforms.record import TransformSpec, Types


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> list[Any]:
    if not isinstance(source, list):
        raise WrongType(f"`limit` takes a list, not {described(source)}.", "Let `from` name a list.")
    offset = _whole(params.get("offset", 0), "offset")
    return source[offset : offset + _whole(params["count"], "count")]


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongType(f"`{name}` of `limit` must be a whole number, 0 or more.")
    return value


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    count = params.get("count")
    known = [most for most in (source.most, count) if isinstance(most, int)]
    return replace(source, most=min(known, default=None))


LIMIT = TransformSpec(
    name="limit",
    summary="Keep the first `count` rows, after `offset` others.",
    params={
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 0, "description": "How many rows to keep."},
            "offset": {"type": "integer", "minimum": 0, "description": "How many rows to leave out first."},
        },
        "required": ["count"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
)
