"""Templates: text with placeholders, conditions and whole JSON trees, compiled once and rendered many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps_engine.language.errors import MissingValue

Scope = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that a template reads: `members[0].email` is root `members` and path `(0, "email")`.

    Aliases are resolved (`$op.members` is root `members`). None in the path is an index known at run time only. `position` is the offset in
    characters; `optional` says that a `default` or `coalesce` follows.
    """

    root: str
    path: tuple[str | int | None, ...]
    position: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """Something that renders: call it with a scope. `constant` says that it reads nothing from the scope."""

    source: Any
    references: tuple[Reference, ...]
    filters: tuple[str, ...]
    constant: bool
    render: Callable[[Scope], Any] = field(repr=False, compare=False)

    def __call__(self, scope: Scope) -> Any:
        return self.render(scope)


def compile_template(text: str) -> Template:
    """Compile text with placeholders; raises TemplateSyntaxError."""
    stripped = text.removeprefix("{{").removesuffix("}}").strip()
    if stripped == text or "{{" in stripped:
        return constant_template(text)
    root, *path = stripped.split("|")[0].strip().split(".")

    def read(scope: Scope) -> Any:
        value: Any = scope
        for name in (root, *path):
            if name not in value:
                raise MissingValue(stripped)
            value = value[name]
        return value

    return Template(text, (Reference(root, tuple(path), 2),), (), False, read)


def compile_condition(source: str | bool) -> Template:
    """Compile a condition, with or without braces; it renders true or false."""
    if isinstance(source, bool):
        return constant_template(source)
    inner = compile_template(source)
    return Template(source, inner.references, inner.filters, inner.constant, lambda scope: bool(inner(scope)))


def compile_value(tree: Any) -> Template:
    """Compile a JSON tree whose strings are templates; it renders the tree."""
    if isinstance(tree, str):
        return compile_template(tree)
    return constant_template(tree)


def constant_template(value: Any) -> Template:
    """A template that always renders the given value."""
    return Template(value, (), (), True, lambda scope: value)
