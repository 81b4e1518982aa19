"""What may be written inside a placeholder: names of the scope, their fields, and filters for what is before a bar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from apps_engine.language.completion.option import Option
from apps_engine.language.completion.scene import Scene
from apps_engine.language.filters import FILTERS, Filter
from apps_engine.language.kinds import Kind, described_kinds
from apps_engine.language.static_types import UNKNOWN, Type
from apps_engine.language.tokens import CLOSE, OPEN
from apps_engine.language.validate.scope import BUILTINS, STATE
from apps_engine.language.validate.templates import Reader

# Keys whose text is an expression without braces too.
_CONDITIONS: Final = frozenset({"when", "until", "exit_when"})
_GIVEN: Final = frozenset({"trigger", "inputs", STATE})
_NAMED_FIELD: Final = re.compile(r"(?s)(.*)\|\s*(\w+)\s*[:(]\s*'(\w*)$")
_FILTER: Final = re.compile(r"(?s)(.*[^|])\|\s*(\w*)$")
_MEMBER: Final = re.compile(r"(?s)(?:.*?)(\$?[^\W\d]\w*(?:\.\w+|\[[^\]]*\])*)\.(\w*)$")
_ROOT: Final = re.compile(r"(?s)(?:.*[^\w.$])?(\w*)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is written of a name so far, and the names that it could become."""

    written: str
    options: Iterator[Option]


def placeholder_before(token: str, scene: Scene) -> str | None:
    """The expression as it is written up to the position; None where the position lies in none.

    `token` is the JSON text up to the position, with its opening quotes.
    """
    text = token[1:].replace('\\"', "'")
    if scene.at_key or not token.startswith('"') or text.endswith('"'):
        return None
    opened, closed = text.rfind(OPEN), text.rfind(CLOSE)
    if opened > closed:
        return text[opened + len(OPEN) :]
    is_condition = bool(scene.path) and scene.path[-1] in _CONDITIONS
    return text[closed + len(CLOSE) if closed >= 0 else 0 :] if is_condition else None


def expression_options(inside: str, scene: Scene) -> Wanted:
    """The names that may follow an expression as far as it is written."""
    named = _NAMED_FIELD.match(inside)
    if named is not None:
        return Wanted(named[3], _fields_named(named[2], _type_of(named[1], scene)))
    if inside.count("'") % 2:
        return Wanted("", iter(()))
    for pattern, options in _PATTERNS.items():
        found = pattern.match(inside)
        if found is not None:
            return Wanted(found.groups()[-1], options(found[1], scene))
    return Wanted("", iter(()))


def type_words(found: Type) -> str:
    """The kind of a value in words, empty where it is not known."""
    return (
        "" if found.kind is Kind.ANY else described_kinds((found.kind,)) + (", may be null" if found.nullable else "")
    )


def _type_of(expression: str, scene: Scene) -> Type:
    return UNKNOWN if scene.reader is None else scene.reader.type_of(f"{OPEN} {expression} {CLOSE}")


def _filters(subject: str, scene: Scene) -> Iterator[Option]:
    kind = _type_of(subject, scene).kind
    for declared in FILTERS.values():
        if kind is Kind.ANY or kind in declared.subject or Kind.ANY in declared.subject:
            yield Option(declared.name, declared.name, f"{_arguments(declared)}{declared.summary}")


def _arguments(declared: Filter) -> str:
    names = ", ".join(argument.name for argument in declared.arguments)
    return f"({names}) " if names else ""


def _fields_named(name: str, subject: Type) -> Iterator[Option]:
    """The fields of a list's items, for a filter that takes the name of one."""
    declared = FILTERS.get(name)
    if declared is not None and any(argument.name == "field" for argument in declared.arguments):
        yield from _fields(subject.element)


def _members(path: str, scene: Scene) -> Iterator[Option]:
    return _fields(_type_of(path, scene))


def _fields(holder: Type) -> Iterator[Option]:
    for name, found in holder.fields.items():
        yield Option(name, name, type_words(found))


def _roots(written: str, scene: Scene) -> Iterator[Option]:
    return iter(()) if scene.reader is None else roots(scene.reader)


def roots(reader: Reader) -> Iterator[Option]:
    """The names that can be read at a place: those of the steps before, then what started the run, then the rest."""
    names = sorted(dict.fromkeys(reader.scope.visible()), key=lambda name: (name in BUILTINS, name in _GIVEN))
    for name in names:
        binding = reader.scope.lookup(name)
        if binding is not None:
            yield Option(name, name, type_words(binding.type))


_PATTERNS: Mapping[re.Pattern[str], Callable[[str, Scene], Iterator[Option]]] = {
    _FILTER: _filters,
    _MEMBER: _members,
    _ROOT: _roots,
}
