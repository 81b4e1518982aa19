"""Reading a path from a scope: straight while all is well, explained when something is missing (LNG-07)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps_engine.language.errors import MissingValue, WrongType
from apps_engine.language.kinds import described
from apps_engine.language.nodes import path_text
from apps_engine.language.scope import Evaluate, Scope
from apps_engine.language.suggestions import did_you_mean

Segment = str | int | Evaluate


def read_path(root: str, segments: tuple[Segment, ...]) -> Evaluate:
    """The closure that reads a path; a closure among the segments gives an index known at run time only."""
    if all(isinstance(segment, str) for segment in segments):
        return _BY_LENGTH.get(len(segments), _read_keys)(root, segments)
    return _read_segments(root, segments)


def _read_root(root: str, keys: tuple[Any, ...]) -> Evaluate:
    def read(scope: Scope) -> Any:
        try:
            return scope[root]
        except KeyError:
            raise missing_path(scope, root, ()) from None

    return read


def _read_key(root: str, keys: tuple[Any, ...]) -> Evaluate:
    (key,) = keys

    def read(scope: Scope) -> Any:
        try:
            return scope[root][key]
        except (KeyError, TypeError):
            raise missing_path(scope, root, keys) from None

    return read


def _read_two_keys(root: str, keys: tuple[Any, ...]) -> Evaluate:
    first, second = keys

    def read(scope: Scope) -> Any:
        try:
            return scope[root][first][second]
        except (KeyError, TypeError):
            raise missing_path(scope, root, keys) from None

    return read


def _read_keys(root: str, keys: tuple[Any, ...]) -> Evaluate:
    def read(scope: Scope) -> Any:
        try:
            value = scope[root]
            for key in keys:
                value = value[key]
        except (KeyError, TypeError):
            raise missing_path(scope, root, keys) from None
        return value

    return read


_BY_LENGTH: dict[int, Callable[[str, tuple[Any, ...]], Evaluate]] = {
    0: _read_root,
    1: _read_key,
    2: _read_two_keys,
}


def _read_segments(root: str, segments: tuple[Segment, ...]) -> Evaluate:
    def read(scope: Scope) -> Any:
        known = tuple(_index(segment(scope)) if callable(segment) else segment for segment in segments)
        value: Any = scope
        for segment in (root, *known):
            if not _has(value, segment):
                raise missing_path(scope, root, known)
            value = value[segment]
        return value

    return read


def _index(value: Any) -> str | int:
    if type(value) is str or type(value) is int:
        return value
    raise WrongType(f"An index is a whole number or a text, not {described(value)}.")


def _has(value: Any, segment: str | int) -> bool:
    if isinstance(segment, str):
        return isinstance(value, Mapping) and segment in value
    return isinstance(value, list) and -len(value) <= segment < len(value)


def missing_path(scope: Scope, root: str, segments: tuple[str | int, ...]) -> MissingValue:
    """The error for a path that cannot be read: how far it went and what there is instead."""
    path = path_text(root, segments)
    if root not in scope:
        return MissingValue(path, hint=did_you_mean(root, scope))
    value, reached = scope[root], 0
    while reached < len(segments) and _has(value, segments[reached]):
        value = value[segments[reached]]
        reached += 1
    return MissingValue(path, hint=_instead(value, path_text(root, segments[:reached]), segments[reached]))


def _instead(value: Any, name: str, segment: str | int) -> str:
    if isinstance(value, Mapping) and isinstance(segment, str):
        return did_you_mean(segment, value) or f"`{name}` has no `{segment}`."
    if isinstance(value, list) and isinstance(segment, int):
        return f"`{name}` has {len(value)} items, and the first is `[0]`."
    if isinstance(value, list):
        return f"`{name}` is a list; take one item first, as in `{name}[0].{segment}`."
    return f"`{name}` is {described(value)}."
