"""Errors of the language: what a definition's author can understand and put right.

`code` is stable and documented (it is also the escalation key), `message` says what is wrong, `hint` what to do.
Repeating the same work gives the same error and nothing has left the platform, hence `retryable` and `sent` are False.
"""

from __future__ import annotations

from typing import ClassVar

from apps_engine.language.places import place_of, with_place


class LanguageError(Exception):
    """Anything the language refuses, when a text is compiled or when it is rendered."""

    retryable: ClassVar[bool] = False
    sent: ClassVar[bool] = False

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class TemplateSyntaxError(LanguageError):
    """A template or condition that cannot be compiled.

    `position` is the offset in characters of the fault, None where it has no single place.
    """

    def __init__(self, code: str, message: str, hint: str = "", position: int | None = None) -> None:
        super().__init__(code, message, hint)
        self.position = position

    def within(self, source: str) -> TemplateSyntaxError:
        """The same with a message that shows the place in the source."""
        if self.position is None:
            return self
        message = with_place(self.message, place_of(source, self.position))
        return TemplateSyntaxError(self.code, message, self.hint, self.position)


class PredicateError(LanguageError):
    """A filter object that cannot be compiled or bound; `path` is a JSON Pointer (RFC 6901) into it."""

    def __init__(self, code: str, message: str, hint: str = "", path: str = "") -> None:
        super().__init__(code, message, hint)
        self.path = path


class MissingValue(LanguageError):
    """A value that is not there, or is null where one is needed (LNG-07).

    `path` names it as its author would, and stands for `{path}` in the reason.
    """

    def __init__(self, path: str, reason: str = "There is no value at `{path}`.", hint: str = "") -> None:
        super().__init__("missing_value", reason.replace("{path}", path), hint)
        self.path = path
        self.reason = reason

    def below(self, name: str) -> MissingValue:
        """The same for a value that lies below a named one: `[0].email` below `members` is `members[0].email`."""
        return MissingValue(f"{name}{self.path}", self.reason, self.hint)


class WrongType(LanguageError):
    """A value of a type that an operator or filter does not take."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("wrong_type", message, hint)


class InvalidValue(LanguageError):
    """A value of the right type that makes no sense there: not a date, no such time zone, not a pattern."""


class NumberError(LanguageError):
    """Arithmetic without an answer: a division by zero, or more digits than the language keeps."""


class BoundExceeded(LanguageError):
    """A bound of `bounds.py` would be passed; nothing was built."""
