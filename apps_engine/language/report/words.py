"""Paths, values and filter objects in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apps_engine.language.kinds import excerpt
from apps_engine.language.operators import OPERATORS
from apps_engine.language.predicates import All, Any_, Compare, Not, Predicate
from apps_engine.language.templates import Reference, Template, compile_template

_SYNONYMS = {"body": "text"}
_LENGTHS = {
    "lt": "is shorter than {} characters",
    "lte": "has at most {} characters",
    "gt": "is longer than {} characters",
    "gte": "has at least {} characters",
    "eq": "has exactly {} characters",
}
_TIMES = {"lt": "is before", "lte": "is not after", "gt": "is after", "gte": "is not before"}
_LONGEST_VALUE = 60

Subject = Callable[[Sequence[str]], str]


def capitalised(sentence: str) -> str:
    """The sentence with a large first letter, the others as they are."""
    return sentence[:1].upper() + sentence[1:]


def code(template: str) -> str:
    """A condition or a template as it was written, without its braces."""
    return f"`{' '.join(template.replace('{{', ' ').replace('}}', ' ').split())}`"


def field_words(name: str) -> str:
    """The name of a field in words: `last_active_at` is "last active time"."""
    plain = f"{name.removesuffix('_at')} time" if name.endswith("_at") else name
    return _SYNONYMS.get(plain, plain.replace("_", " "))


def path_words(names: Sequence[str]) -> str:
    """A path as possession: `author.email` is "the author's email", `post.author_id` "the post's author"."""
    kept = [name.removesuffix("_id") for name in names]
    kept = [name for place, name in enumerate(kept) if place == 0 or name != kept[place - 1]]
    if len(kept) > 1 and kept[-1] == "id":
        kept.pop()
    return "the " + "'s ".join(field_words(name) for name in kept)


def reference_words(reference: Reference, loop_names: Sequence[str]) -> str:
    """What a template reads, in words: "each member's email" in a loop, "the author's email" of a trigger."""
    names = [segment for segment in reference.path if isinstance(segment, str)]
    if reference.root == "inputs" and names:
        return f"the input {' '.join(map(field_words, names))}"
    if reference.root in loop_names:
        return "each" + path_words([reference.root, *names]).removeprefix("the")
    return path_words(names if reference.root == "trigger" and names else [reference.root, *names])


def value_words(value: Any, loop_names: Sequence[str] = ()) -> str:
    """A parameter's value in words: a constant as it is, a bare placeholder by what it reads, else the template."""
    if isinstance(value, str):
        return _text_words(value, loop_names)
    if isinstance(value, dict):
        return ", ".join(f"{field_words(key)} {value_words(part, loop_names)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(value_words(part, loop_names) for part in value)
    return excerpt(value)


def _text_words(text: str, loop_names: Sequence[str]) -> str:
    template = compile_template(text)
    bare = text.strip().startswith("{{") and text.strip().endswith("}}") and text.count("{{") == 1
    if bare and len(template.references) == 1 and not template.filters:
        return reference_words(template.references[0], loop_names)
    return text if template.constant and len(text) <= _LONGEST_VALUE else f"“{excerpt(text, _LONGEST_VALUE)}”"


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
    if path[-1].endswith("_length") and compare.operator in _LENGTHS:
        return f"{subject([*path[:-1], path[-1].removesuffix('_length')])} {_LENGTHS[compare.operator].format(value)}"
    if compare.operator == "exists":
        return f"{subject(path)} {'is set' if compare.value({}) else 'is not set'}"
    if path[-1].endswith("_at") and compare.operator in _TIMES:
        return f"{subject(path)} {_TIMES[compare.operator]} {value}"
    return f"{subject(path)} {OPERATORS[compare.operator].phrase} {value}"


def _compared(value: Template) -> str:
    if not value.constant:
        return code(value.source) if isinstance(value.source, str) else "computed values"
    rendered = value({})
    if isinstance(rendered, list):
        return ", ".join(excerpt(item) for item in rendered[:10]) + (", ..." if len(rendered) > 10 else "")
    return "empty" if rendered in (None, "") else excerpt(rendered, _LONGEST_VALUE)
