"""Paths and values in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_engine.language.kinds import excerpt
from apps_engine.language.templates import Reference, compile_template

_SYNONYMS = {"body": "text"}
LENGTHS = {
    "lt": "is shorter than {} characters",
    "lte": "has at most {} characters",
    "gt": "is longer than {} characters",
    "gte": "has at least {} characters",
    "eq": "has exactly {} characters",
}
LONGEST_VALUE = 60


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
    return text if template.constant and len(text) <= LONGEST_VALUE else f"“{excerpt(text, LONGEST_VALUE)}”"
