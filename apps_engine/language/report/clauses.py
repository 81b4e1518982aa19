"""Filter objects in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps_engine.language.durations import duration_words
from apps_engine.language.kinds import excerpt
from apps_engine.language.operators import OPERATORS
from apps_engine.language.predicates import All, Any_, Compare, Not, Predicate
from apps_engine.language.report.conditions import template_words
from apps_engine.language.report.words import LENGTHS, LONGEST_VALUE
from apps_engine.language.templates import Template, compile_template

_TIMES = {"lt": "is before", "lte": "is not after", "gt": "is after", "gte": "is not before"}

Subject = Callable[[Sequence[str]], str]


def predicate_words(predicate: Predicate, subject: Subject) -> str:
    """A filter object in words; `subject` says what a field is called."""
    if isinstance(predicate, Compare):
        return _compare_words(predicate, subject)
    if isinstance(predicate, Not):
        return f"not ({predicate_words(predicate.child, subject)})"
    parts = [predicate_words(child, subject) for child in predicate.children]
    if isinstance(predicate, All):
        return " and ".join(_bracketed(part, child) for part, child in zip(parts, predicate.children, strict=True))
    return " or ".join(parts)


def _bracketed(words: str, predicate: Predicate) -> str:
    return f"({words})" if isinstance(predicate, Any_) and len(predicate.children) > 1 else words


def _compare_words(compare: Compare, subject: Subject) -> str:
    path = compare.field.split(".")
    value = _compared(compare.value)
    if path[-1].endswith("_length") and compare.operator in LENGTHS:
        return f"{subject([*path[:-1], path[-1].removesuffix('_length')])} {LENGTHS[compare.operator].format(value)}"
    if compare.operator == "exists":
        return f"{subject(path)} {'is set' if compare.value({}) else 'is not set'}"
    if path[-1].endswith("_at") and compare.operator in _TIMES:
        return f"{subject(path)} {_TIMES[compare.operator]} {value}"
    if OPERATORS[compare.operator].clock and compare.value.constant:
        value = duration_words(str(compare.value({})))
    return f"{subject(path)} {OPERATORS[compare.operator].phrase} {value}"


def _compared(value: Template) -> str:
    if not value.constant:
        return template_words(compile_template(value.source)) if isinstance(value.source, str) else "computed values"
    rendered = value({})
    if isinstance(rendered, list):
        return ", ".join(excerpt(item) for item in rendered[:10]) + (", ..." if len(rendered) > 10 else "")
    return "empty" if rendered in (None, "") else excerpt(rendered, LONGEST_VALUE)
