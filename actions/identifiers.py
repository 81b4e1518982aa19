"""Numbers of rows as parameters: a whole number, or the text of one, as a template renders it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

LARGEST = 2**63 - 1


def no_boolean(value: Any) -> Any:
    """True is no number, though Python counts it as 1."""
    if isinstance(value, bool):
        raise ValueError("a truth value is no number")  # noqa: TRY004 - pydantic reports ValueError
    return value


# The bounds stand first: after a validator they would not be told in the JSON Schema's own words.
RowId = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(no_boolean)]
