"""A field of a form that is drawn from a schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

PREFIX = "p-"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `faults` says what is wrong.

    `control` is number, text, date, email, url, multiline, lines (a list, one entry a line), json, checkbox, choice or
    zone. A number has bounds and steps, a text is at most `longest` characters; None is no bound.
    """

    name: str
    control: str
    title: str
    about: str
    value: Any
    minimum: Any = None
    maximum: Any = None
    longest: int | None = None
    step: str = "any"
    required: bool = False
    choices: Sequence[Choice] = ()
    faults: Sequence[str] = ()

    @property
    def key(self) -> str:
        """Its name in the form, and its id on the page."""
        return f"{PREFIX}{self.name}"

    @property
    def kind(self) -> str:
        """How a browser calls a field of one line."""
        return self.control if self.control in {"date", "email", "url"} else "text"

    @property
    def bounds(self) -> str:
        """The bounds of a number in words."""
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum} to {self.maximum}."
        if self.minimum is not None:
            return f"At least {self.minimum}."
        return "" if self.maximum is None else f"At most {self.maximum}."


def read_number(text: str, *, whole: bool) -> Any:
    """The number that was written; what is none stays a text, which the check refuses."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return text
    return int(number) if number == number.to_integral_value() and (whole or "." not in text) else number
