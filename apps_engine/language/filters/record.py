"""What a filter declares: the one source for the language, its documentation and the AI's guidance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from apps_engine.language.bounds import RESULT_CHARACTERS
from apps_engine.language.kinds import Kind

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a filter.

    `parse` turns an accepted value into what the function takes (a pattern, a time zone) and raises a LanguageError for
    one that makes no sense; constants are parsed once, when the template is compiled. A `repeated` argument may come
    any number of times; an `optional` one may be missing from the scope.
    """

    name: str
    accepts: tuple[Kind, ...]
    default: Any = REQUIRED
    parse: Callable[[Any], Any] | None = None
    repeated: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter.

    `function(value, *arguments)` gets a value of a `subject` kind; with `clock` also `now`, the datetime of the scope.
    With `lazy` it gets closures instead and returns one, so that it decides what is evaluated. `rescues` says that a
    missing value on the left is its business. `longest` is how many characters the text on the left may have. `cheap`
    says that it takes no longer for a longer value. `example` is (template, scope, result) and runs as a test.
    """

    name: str
    group: str
    subject: tuple[Kind, ...]
    arguments: tuple[Argument, ...]
    result: Kind
    summary: str
    example: tuple[str, Mapping[str, Any], Any]
    function: Callable[..., Any]
    clock: bool = False
    lazy: bool = False
    rescues: bool = False
    longest: int = RESULT_CHARACTERS
    cheap: bool = False
