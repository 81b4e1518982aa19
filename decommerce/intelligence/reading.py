"""Reading the object that a model wrote. It is hostile until it has been read (CHT-10, SEC-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import re2

from decommerce.community.exact_json import loads, storable
from decommerce.intelligence.schema import faults

MAX_CHARACTERS = 200_000

_FENCE = re2.compile(r"(?s)^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$")


def read_object(text: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The object, fit to be stored, and why it does not fit the schema; no reasons where it does."""
    if len(text) > MAX_CHARACTERS:
        return {}, [f"the answer has more than {MAX_CHARACTERS:,} characters"]
    fence = _FENCE.match(text)
    try:
        value = storable(loads(fence[1] if fence else text.strip()))
    except ValueError as error:
        return {}, [f"the answer is no JSON: {str(error)[:200]}"]
    if not isinstance(value, dict):
        return {}, ["the answer is no JSON object"]
    return value, faults(value, schema)


def read_text(text: str, most: int | None) -> str:
    """A text, fit to be stored, in at most so many characters."""
    clean: str = storable(text).strip()
    return clean if most is None or len(clean) <= most else clean[: most - 1].rstrip() + "…"
