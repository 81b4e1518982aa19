"""A filter applied: arity and constants checked when the template is compiled, kinds and sizes when it is rendered."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from apps_engine.language.bounds import LIST_ITEMS
from apps_engine.language.bounds import RESULT_CHARACTERS as CHARACTERS
from apps_engine.language.errors import BoundExceeded, LanguageError, MissingValue, WrongType
from apps_engine.language.filters.record import REQUIRED, Argument, Filter
from apps_engine.language.kinds import TYPES, described, described_kinds
from apps_engine.language.rendering import result_too_long
from apps_engine.language.scope import Evaluate, Scope, now_of

_SIZES: Final[dict[type, int]] = {str: CHARACTERS, list: LIST_ITEMS, dict: LIST_ITEMS}


class Given(NamedTuple):
    """An argument as it was written, and whether it needs no scope."""

    evaluate: Evaluate
    constant: bool


def apply(known: Filter, subject: Evaluate, given: tuple[Given, ...], name: str) -> Evaluate:
    """The closure that renders the subject and filters it; `name` is what messages call the subject.

    Raises LanguageError for a wrong number of arguments and for constants that the filter does not take.
    """
    declared = _declared(known, len(given))
    if known.lazy:
        closure: Evaluate = known.function(subject, *(argument.evaluate for argument in given))
        return closure
    readers = [_reader(known, argument, written) for argument, written in zip(declared, given, strict=False)]
    readers += [_default(argument) for argument in declared[len(given) :]]
    fixed = tuple(reader({}) for reader in readers) if all(written.constant for written in given) else None
    if known.clock:
        return _closure(known, subject, None, (*readers, now_of), name)
    return _closure(known, subject, fixed, tuple(readers), name)


def _closure(
    known: Filter, subject: Evaluate, fixed: tuple[Any, ...] | None, readers: tuple[Evaluate, ...], name: str
) -> Evaluate:
    function, sizes = known.function, _SIZES
    accepted = frozenset(python_type for kind in known.subject for python_type in TYPES[kind])

    def evaluate(scope: Scope) -> Any:
        value = subject(scope)
        kind = type(value)
        if kind not in accepted:
            raise _refused(known, value, name)
        if kind in sizes and len(value) > sizes[kind]:
            raise _too_large(value)
        arguments = fixed if fixed is not None else [reader(scope) for reader in readers]
        try:
            result = function(value, *arguments)
        except MissingValue as error:
            raise error.below(name) from error
        kind = type(result)
        if kind in sizes and len(result) > sizes[kind]:
            raise _too_large(result)
        return result

    return evaluate


def _reader(known: Filter, argument: Argument, written: Given) -> Evaluate:
    evaluate, parse = written.evaluate, argument.parse
    accepted = frozenset(python_type for kind in argument.accepts for python_type in TYPES[kind])

    def read(scope: Scope) -> Any:
        value = evaluate(scope)
        if type(value) not in accepted:
            raise _refused_argument(known, argument, value)
        return value if parse is None else parse(value)

    if not written.constant:
        return read
    constant = read({})
    return lambda scope: constant


def _default(argument: Argument) -> Evaluate:
    value = argument.default if argument.parse is None or argument.default is None else argument.parse(argument.default)
    return lambda scope: value


def _declared(known: Filter, given: int) -> tuple[Argument, ...]:
    """The declarations of the arguments, a repeated one as often as it is given."""
    declared = known.arguments
    if declared and declared[-1].repeated:
        declared += (declared[-1],) * (given - len(declared))
    least = sum(argument.default is REQUIRED for argument in known.arguments)
    if least <= given <= len(declared):
        return declared
    raise LanguageError(
        "wrong_argument_count",
        f"`{known.name}` takes {_count(least, len(known.arguments))}, not {given}.",
        f"For example: {known.example[0]}",
    )


def _count(least: int, most: int) -> str:
    if most == 0:
        return "no arguments"
    amount = str(most) if least == most else f"{least} to {most}"
    return f"{amount} argument{'' if amount == '1' else 's'}"


def _refused(known: Filter, value: Any, name: str) -> LanguageError:
    if value is None:
        return MissingValue(
            name, f"`{{path}}` is null, which `{known.name}` does not take.", "Put `default` before it."
        )
    return WrongType(
        f"`{known.name}` takes {described_kinds(known.subject)}, not {described(value)}.",
        f"For example: {known.example[0]}",
    )


def _refused_argument(known: Filter, argument: Argument, value: Any) -> WrongType:
    return WrongType(
        f"`{known.name}` takes {described_kinds(argument.accepts)} as its `{argument.name}`, not {described(value)}.",
        f"For example: {known.example[0]}",
    )


def _too_large(value: Any) -> BoundExceeded:
    if isinstance(value, str):
        return result_too_long()
    return BoundExceeded("list_too_long", f"A list has more than {LIST_ITEMS} items.", "Fetch or take fewer.")
