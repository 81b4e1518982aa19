"""Filter objects as people and models write them, to the one tree; every fault is found in one go.

Canonical: `{"status": "active", "xp": {"gte": 100}, "or": [{"country": "CH"}, {"not": {"email": {"exists": true}}}]}`.
A bare value means `eq`, a list `in`. Sugar: `$gt` and `>` for `gt`, and `[{"field", "op", "value"}]` for a conjunction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from apps_engine.language.bounds import FIELD_CHARACTERS, PREDICATE_COMPARISONS, PREDICATE_DEPTH
from apps_engine.language.errors import LanguageError, PredicateError, TemplateSyntaxError
from apps_engine.language.kinds import described, excerpt
from apps_engine.language.operators import known_operator, suggest_operator
from apps_engine.language.predicate_tree import All, Any_, Compare, Not, Predicate
from apps_engine.language.templates import compile_template, compile_value, template_texts

MOST_FAULTS: Final = 100

_NOTHING: Final = All(())
_LISTED_KEYS: Final = frozenset({"field", "op", "operator", "value"})


def parse_predicate(source: Any) -> Predicate:
    """The tree of a filter object; raises PredicateError with the path of the first fault."""
    predicate, errors = read_predicate(source)
    if errors:
        raise errors[0]
    return predicate


def read_predicate(source: Any) -> tuple[Predicate, tuple[PredicateError, ...]]:
    """What can be read of a filter object, and the faults of the rest; parts with a fault read as "always".

    After a hundred faults, and after more comparisons than a filter may have, the rest is not read.
    """
    reader = _Reader()
    predicate = reader.read(source, "", 0)
    return predicate, tuple(reader.errors)


class _Reader:
    """Reads on after a fault, so that all are reported."""

    def __init__(self) -> None:
        self.errors: list[PredicateError] = []
        self.comparisons = 0

    @property
    def full(self) -> bool:
        """Whether there is no use in reading on."""
        return self.comparisons > PREDICATE_COMPARISONS or len(self.errors) >= MOST_FAULTS

    def read(self, source: Any, path: str, depth: int) -> Predicate:
        if self.full:
            return _NOTHING
        if depth > PREDICATE_DEPTH:
            return self.refuse("too_deep", f"Filters nest at most {PREDICATE_DEPTH} times.", "Flatten it.", path)
        if isinstance(source, list):
            children = [self.read(child, f"{path}/{index}", depth + 1) for index, child in enumerate(source)]
            return _conjunction(children)
        if not isinstance(source, dict):
            hint = 'Write {"field": value} or {"field": {"gt": value}}.'
            return self.refuse("wrong_type", f"A filter is an object, not {described(source)}.", hint, path)
        if "field" in source and ("op" in source or "operator" in source) and source.keys() <= _LISTED_KEYS:
            return self.listed(source, path)
        return _conjunction([self.entry(key, value, path, depth) for key, value in source.items()])

    def entry(self, key: str, value: Any, path: str, depth: int) -> Predicate:
        if self.full:
            return _NOTHING
        at = f"{path}/{_escaped(key)}"
        combinator = _COMBINATORS.get(key.removeprefix("$"))
        if combinator:
            return combinator(self, value, at, depth + 1)
        if not _is_field(key):
            hint = "A field is a name such as `xp` or `customer.email`; combine with and, or, not."
            return self.refuse("bad_field", f"'{excerpt(key)}' is no field.", hint, at)
        if isinstance(value, dict):
            if not value:
                return self.refuse("empty_filter", f"`{key}` has no operator.", 'Write {"gt": 3} or a bare value.', at)
            return _conjunction(
                [self.compare(key, name, given, f"{at}/{_escaped(name)}") for name, given in value.items()]
            )
        return self.compare(key, "in" if isinstance(value, list) else "eq", value, at, bare=not isinstance(value, list))

    def listed(self, source: dict[str, Any], path: str) -> Predicate:
        field, key = source["field"], "op" if "op" in source else "operator"
        name = source[key]
        if not isinstance(field, str) or not _is_field(field):
            return self.refuse("bad_field", "`field` is no field.", "Write a name such as `xp`.", f"{path}/field")
        if not isinstance(name, str) or known_operator(name) is None:
            message = f"There is no operator `{excerpt(name)}`."
            return self.refuse("unknown_operator", message, suggest_operator(str(name)), f"{path}/{key}")
        return self.compare(field, name, source.get("value"), f"{path}/value")

    def compare(self, field: str, name: str, given: Any, path: str, *, bare: bool = False) -> Predicate:
        if self.full:
            return _NOTHING
        self.comparisons += 1
        if self.comparisons > PREDICATE_COMPARISONS:
            message = f"A filter has at most {PREDICATE_COMPARISONS} comparisons."
            return self.refuse("too_many_comparisons", message, "Use `in` with a list.", path)
        operator = known_operator(name)
        if operator is None:
            message = f"There is no operator `{excerpt(name)}`."
            return self.refuse("unknown_operator", message, suggest_operator(name, field), path)
        try:
            value = compile_value(given)
            if value.constant:
                operator.check(value({}))
        except TemplateSyntaxError as error:
            return self.refuse(error.code, error.message, error.hint, path + _faulty(given))
        except LanguageError as error:
            return self.refuse(error.code, error.message, error.hint, path)
        return Compare(field, operator.name, value, bare and not value.constant, path)

    def refuse(self, code: str, message: str, hint: str, path: str) -> Predicate:
        self.errors.append(PredicateError(code, message, hint, path))
        return _NOTHING


def _all_of(reader: _Reader, source: Any, path: str, depth: int) -> Predicate:
    return All(_children(reader, source, path, depth))


def _any_of(reader: _Reader, source: Any, path: str, depth: int) -> Predicate:
    return Any_(_children(reader, source, path, depth))


def _none_of(reader: _Reader, source: Any, path: str, depth: int) -> Predicate:
    return Not(reader.read(source, path, depth))


def _children(reader: _Reader, source: Any, path: str, depth: int) -> tuple[Predicate, ...]:
    if not isinstance(source, list) or not source:
        reader.refuse("wrong_type", "`and` and `or` take a list of filters.", 'Write [{"a": 1}, {"b": 2}].', path)
        return ()
    return tuple(reader.read(child, f"{path}/{index}", depth) for index, child in enumerate(source))


_COMBINATORS: Final[dict[str, Callable[[_Reader, Any, str, int], Predicate]]] = {
    "and": _all_of,
    "or": _any_of,
    "not": _none_of,
}


def _faulty(given: Any) -> str:
    """Where inside a value the first template is that does not compile."""
    for pointer, text in template_texts(given):
        try:
            compile_template(text)
        except TemplateSyntaxError:
            return pointer
    return ""


def _conjunction(children: list[Predicate]) -> Predicate:
    return children[0] if len(children) == 1 else All(tuple(children))


def _is_field(name: str) -> bool:
    return len(name) <= FIELD_CHARACTERS and all(part.isidentifier() for part in name.split("."))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
