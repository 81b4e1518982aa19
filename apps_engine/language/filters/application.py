"""A filter applied: arity and constants checked when the template is compiled, kinds and sizes when it is rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

from apps_engine.language.bounds import LIST_ITEMS, RESULT_CHARACTERS
from apps_engine.language.errors import BoundExceeded, LanguageError, MissingValue, WrongType
from apps_engine.language.filters.record import REQUIRED, Argument, Filter
from apps_engine.language.interpolation import ShortText, short_text
from apps_engine.language.kinds import TYPES, Kind, described, described_kinds
from apps_engine.language.rendering import result_too_long
from apps_engine.language.scope import Evaluate, Scope, now_of
from apps_engine.language.work import CHARACTERS_PER_ITEM, visit

_SIZED: Final = frozenset({str, list, dict})
_SMALL: Final = 64
_OF_TEXT: Final = ((Kind.TEXT,), (Kind.INSTANT,))


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
    if not readers and known.subject in _OF_TEXT:
        return _of_text(known, subject, name)
    return _closure(known, subject, fixed, tuple(readers), name)


def _closure(
    known: Filter, subject: Evaluate, fixed: tuple[Any, ...] | None, readers: tuple[Evaluate, ...], name: str
) -> Evaluate:
    function, accepted = known.function, _types(known.subject)

    def evaluate(scope: Scope) -> Any:
        value = subject(scope)
        kind = type(value)
        if kind not in accepted:
            raise _refused(known, value, name)
        if kind in _SIZED and len(value) > _SMALL:
            _weigh(known, value)
        arguments = fixed if fixed is not None else [reader(scope) for reader in readers]
        try:
            result = function(value, *arguments)
        except MissingValue as error:
            raise error.below(name) from error
        if type(result) in _SIZED and len(result) > _SMALL:
            _weigh_result(result, value)
        return result

    return evaluate


def _of_text(known: Filter, subject: Evaluate, name: str) -> Evaluate:
    """A filter of texts without arguments: what it makes of a short one is short too."""
    function = known.function

    def evaluate(scope: Scope) -> Any:
        value = subject(scope)
        if type(value) is str and len(value) <= _SMALL:
            return function(value)
        return _of_other_text(known, value, name)

    return evaluate


def makes_text_of_text(known: Filter) -> bool:
    """Whether a filter takes a text and nothing else, and gives a text."""
    alone = not (known.arguments or known.lazy or known.clock)
    return alone and known.subject in _OF_TEXT and known.result is Kind.TEXT


def filtered_text(known: Filter, subject: Evaluate, name: str, field: tuple[str, str]) -> ShortText:
    """The text that such a filter makes of a field of a name, for the short way of texts with placeholders."""
    (root, key), function = field, cast(Callable[[str], str], known.function)

    def evaluate(scope: Scope) -> str:
        try:
            value = scope[root][key]
        except (KeyError, TypeError):
            value = subject(scope)
        if type(value) is str and len(value) <= _SMALL:
            return function(value)
        return short_text(_of_other_text(known, value, name), name)

    return evaluate


def _of_other_text(known: Filter, value: Any, name: str) -> Any:
    if type(value) is not str:
        raise _refused(known, value, name)
    _weigh(known, value)
    result = known.function(value)
    _weigh_result(result, value)
    return result


def _types(kinds: tuple[Kind, ...]) -> frozenset[type]:
    return frozenset(python_type for kind in kinds for python_type in TYPES[kind])


def _weigh(known: Filter, value: Any) -> None:
    """Refuse a value that is too long for the filter, and count the work that a long one makes."""
    if isinstance(value, str) and len(value) > known.longest:
        raise _text_too_long(known)
    _refuse_large(value)
    if not known.cheap:
        visit(_items(value))


def _weigh_result(result: Any, value: Any) -> None:
    """Refuse a result that is too long, and count a text as far as it is longer than what it was made of."""
    if type(result) in _SIZED:
        _refuse_large(result)
    if type(result) is str:
        visit(max(_items(result) - (_items(value) if type(value) is str else 0), 0))


def _items(value: Any) -> int:
    return len(value) // CHARACTERS_PER_ITEM if isinstance(value, str) else len(value)


def _refuse_large(value: Any) -> None:
    if isinstance(value, str):
        if len(value) > RESULT_CHARACTERS:
            raise result_too_long()
    elif len(value) > LIST_ITEMS:
        raise BoundExceeded("list_too_long", f"A list has more than {LIST_ITEMS} items.", "Fetch or take fewer.")


def _text_too_long(known: Filter) -> BoundExceeded:
    if known.longest >= RESULT_CHARACTERS:
        return result_too_long()
    message = f"`{known.name}` takes a text of at most {known.longest:,} characters."
    return BoundExceeded("text_too_long", message, f"Shorten it first: `truncate: {known.longest}`.")


def _reader(known: Filter, argument: Argument, written: Given) -> Evaluate:
    evaluate, parse = written.evaluate, argument.parse
    accepted = _types(argument.accepts)

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
