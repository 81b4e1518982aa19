"""Texts with placeholders as closures.

The short way is for a few placeholders with short texts: each has a closure that gives its text, and one expression
puts them together. As soon as a text is long the whole is rendered the careful way, which counts what it puts together,
so that nothing beyond the bound is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from apps_engine.language.bounds import RESULT_CHARACTERS
from apps_engine.language.jsonwriter import TooLong, write_json
from apps_engine.language.paths import missing_path
from apps_engine.language.rendering import result_too_long, to_text
from apps_engine.language.scope import Evaluate, Scope
from apps_engine.language.work import WORK

# A whole number up to here is written at once; a larger one may have more digits than the language keeps.
_PLAIN: Final = 10**18
_SHORT: Final = 4_096

ShortText = Callable[[Scope], str]


class NotShort(Exception):
    """A text that is too long for the short way. `value` is what `evaluate` gave, so that nothing is made twice."""

    evaluate: Evaluate | None = None
    value: Any = None


_Careful = Callable[[Scope, int, NotShort], str]


def short_text(value: Any, name: str) -> str:
    """The text of a value, `name` being what messages call it; raises NotShort before much of a long one is made."""
    if type(value) is list or type(value) is dict:
        try:
            return write_json(value, _SHORT)
        except TooLong as error:
            raise NotShort from error
    text = value if type(value) is str else to_text(value, name)
    if len(text) > _SHORT:
        raise NotShort
    return text


def text_of_field(root: str, key: str, name: str) -> ShortText:
    """The text of a field of a name."""

    def read(scope: Scope) -> str:
        try:
            value = scope[root][key]
        except (KeyError, TypeError):
            raise missing_path(scope, root, (key,)) from None
        if type(value) is int and -_PLAIN < value < _PLAIN:
            return repr(value)
        return value if type(value) is str and len(value) <= _SHORT else short_text(value, name)

    return read


def text_of(evaluate: Evaluate, name: str) -> ShortText:
    """The text of what a closure gives."""

    def read(scope: Scope) -> str:
        value = evaluate(scope)
        if type(value) is int and -_PLAIN < value < _PLAIN:
            return repr(value)
        if type(value) is str and len(value) <= _SHORT:
            return value
        try:
            return short_text(value, name)
        except NotShort as long:
            long.evaluate, long.value = evaluate, value
            raise

    return read


def interpolated(pieces: Sequence[str | tuple[Evaluate, str]], texts: Sequence[ShortText]) -> Evaluate:
    """The closure of a text: its pieces, where a placeholder is its closure and its name, and their short texts."""
    base = [piece if isinstance(piece, str) else "" for piece in pieces]
    slots = {index: piece for index, piece in enumerate(pieces) if not isinstance(piece, str)}

    def careful(scope: Scope, left: int, long: NotShort) -> str:
        # What the short way has gone over before the long value is gone over again, and counts once.
        reached, WORK.left = WORK.left, left
        return _joined(base, slots, scope, long, reached)

    make = _SHORT_WAYS.get(len(slots))
    if make is None:
        return lambda scope: _joined(base, slots, scope, NotShort(), 0)
    return make(_between(base, slots), texts, careful)


def _joined(
    base: list[str], slots: Mapping[int, tuple[Evaluate, str]], scope: Scope, known: NotShort, reached: int
) -> str:
    """The pieces put together. One value is known, and `reached` is how far the count of work was once it was made."""
    pieces = base.copy()
    size = sum(map(len, base))
    for index, (evaluate, name) in slots.items():
        if evaluate is known.evaluate:
            value, WORK.left = known.value, reached
        else:
            value = evaluate(scope)
        pieces[index] = to_text(value, name)
        size += len(pieces[index])
        if size > RESULT_CHARACTERS:
            raise result_too_long()
    return "".join(pieces)


def _between(base: list[str], slots: Mapping[int, Any]) -> list[str]:
    """The texts before, between and after the placeholders, one more than there are of these."""
    between = [""]
    for index, text in enumerate(base):
        if index in slots:
            between.append("")
        else:
            between[-1] += text
    return between


def _one(between: list[str], texts: Sequence[ShortText], careful: _Careful) -> Evaluate:
    (before, after), (first,) = between, texts

    def render(scope: Scope) -> str:
        left = WORK.left
        try:
            return f"{before}{first(scope)}{after}"
        except NotShort as long:
            return careful(scope, left, long)

    return render


def _two(between: list[str], texts: Sequence[ShortText], careful: _Careful) -> Evaluate:
    (a, b, c), (first, second) = between, texts

    def render(scope: Scope) -> str:
        left = WORK.left
        try:
            return f"{a}{first(scope)}{b}{second(scope)}{c}"
        except NotShort as long:
            return careful(scope, left, long)

    return render


def _three(between: list[str], texts: Sequence[ShortText], careful: _Careful) -> Evaluate:
    (a, b, c, d), (first, second, third) = between, texts

    def render(scope: Scope) -> str:
        left = WORK.left
        try:
            return f"{a}{first(scope)}{b}{second(scope)}{c}{third(scope)}{d}"
        except NotShort as long:
            return careful(scope, left, long)

    return render


def _four(between: list[str], texts: Sequence[ShortText], careful: _Careful) -> Evaluate:
    (a, b, c, d, e), (first, second, third, fourth) = between, texts

    def render(scope: Scope) -> str:
        left = WORK.left
        try:
            return f"{a}{first(scope)}{b}{second(scope)}{c}{third(scope)}{d}{fourth(scope)}{e}"
        except NotShort as long:
            return careful(scope, left, long)

    return render


def _five(between: list[str], texts: Sequence[ShortText], careful: _Careful) -> Evaluate:
    (a, b, c, d, e, f), (first, second, third, fourth, fifth) = between, texts

    def render(scope: Scope) -> str:
        left = WORK.left
        try:
            return f"{a}{first(scope)}{b}{second(scope)}{c}{third(scope)}{d}{fourth(scope)}{e}{fifth(scope)}{f}"
        except NotShort as long:
            return careful(scope, left, long)

    return render


def _several(between: list[str], texts: Sequence[ShortText], careful: _Careful) -> Evaluate:
    base = [text for pair in zip(between, [*[""] * len(texts), None], strict=True) for text in pair if text is not None]
    places = tuple((2 * place + 1, text) for place, text in enumerate(texts))

    def render(scope: Scope) -> str:
        pieces, left = base.copy(), WORK.left
        try:
            for place, text in places:
                pieces[place] = text(scope)
        except NotShort as long:
            return careful(scope, left, long)
        return "".join(pieces)

    return render


# By the number of placeholders. With more than these, short texts together might be too long.
_SHORT_WAYS: Final[dict[int, Callable[[list[str], Sequence[ShortText], _Careful], Evaluate]]] = {
    1: _one,
    2: _two,
    3: _three,
    4: _four,
    5: _five,
    **dict.fromkeys(range(6, 100), _several),
}
