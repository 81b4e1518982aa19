"""Information flow: text from members or from a model must not decide who or what is reached (LNG-09, SEC-06).

It may, where the definition narrows it: an enum in the schema of a model's answer, a list of the allowed values in the
condition of the step (`{{ label in ['spam', 'ham'] }}`), or an address whose host is written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.errors import LanguageError
from apps_engine.language.grammar import parse_tokens
from apps_engine.language.nodes import Comparison, Group, Listing, Literal, Logic, Node, Path, path_text
from apps_engine.language.pointers import join
from apps_engine.language.references import Findings as Read
from apps_engine.language.static_types import Type
from apps_engine.language.templates import Reference, compile_template, template_texts
from apps_engine.language.tokens import scan_condition
from apps_engine.language.validate.scope import Binding, Found, Scope, follow
from apps_engine.language.validate.templates import Reader

_FIXED_HOST = re.compile(r"https?://[^/?#{}]+[/?#]")


def check_targets(spec: ActionSpec, params: Any, at: str, narrowed: Mapping[str, Binding], reader: Reader) -> None:
    """Report parameters that decide who or what is reached and hold text from members or a model."""
    for name in spec.targets if isinstance(params, dict) else ():
        for pointer, text in template_texts(params.get(name)):
            where = join(at, name) + pointer
            read = [(path_text(reference.root, reference.path), found) for reference, found in _read(text, reader)]
            if reader.narrowed(narrowed).type_of(text).tainted and not _FIXED_HOST.match(text):
                _refuse(spec, name, next((written for written, found in read if found.tainted), name), where, reader)
            elif picked := [written for written, found in read if found.picked]:
                _warn(spec, picked[0], where, reader)


def narrowed_by(condition: Any, scope: Scope) -> dict[str, Binding]:
    """The paths that a condition holds to values written out in it, such as `label` in `label in ['a', 'b']`.

    Each with the binding of its root: the same name may mean another value further in.
    """
    if not isinstance(condition, str):
        return {}
    try:
        node = parse_tokens(scan_condition(condition), Read())
    except LanguageError:
        return {}
    found = ((path, scope.lookup(path.root)) for path in _narrowed(node))
    return {path_text(path.root, path.segments): binding for path, binding in found if binding is not None}


def untrusted_in(tree: Any, reader: Reader) -> bool:
    """Whether a value reads text from members or a model."""
    return any(found.tainted for _, text in template_texts(tree) for _, found in _read(text, reader))


def _read(text: str, reader: Reader) -> Iterator[tuple[Reference, Type]]:
    try:
        references = compile_template(text).references
    except LanguageError:
        return
    for reference in references:
        for found in _types(reference, reader):
            yield reference, found


def _types(reference: Reference, reader: Reader) -> Iterator[Type]:
    binding = reader.scope.lookup(reference.root)
    for start in binding.types if binding else ():
        reached = follow(start, reference.root, reference.path)
        if isinstance(reached, Found):
            yield reached.type


def _narrowed(node: Node) -> Iterator[Path]:
    if isinstance(node, Group):
        yield from _narrowed(node.inner)
    elif isinstance(node, Logic) and node.operator == "and":
        for operand in node.operands:
            yield from _narrowed(operand)
    elif isinstance(node, Comparison) and _written_out(node):
        subject = node.left.inner if isinstance(node.left, Group) else node.left
        # An index known at run time only, and the session's state, may be another value when they are read again.
        fixed = isinstance(subject, Path) and all(isinstance(segment, str | int) for segment in subject.segments)
        if isinstance(subject, Path) and fixed and subject.root != "state":
            yield subject


def _written_out(node: Comparison) -> bool:
    if node.operator == "==":
        return isinstance(node.right, Literal)
    allowed = node.right
    return (
        node.operator == "in"
        and isinstance(allowed, Listing)
        and all(isinstance(item, Literal) for item in allowed.items)
    )


def _refuse(spec: ActionSpec, name: str, written: str, at: str, reader: Reader) -> None:
    reader.findings.add(
        at,
        "untrusted_target",
        f"`{written}` is text from members or a model, and would decide whom or what `{spec.name}` reaches.",
        f"Use an id or address of the platform for `{name}`, or allow only values you list: "
        f"when: {{{{ {written} in ['...'] }}}}.",
    )


def _warn(spec: ActionSpec, written: str, at: str, reader: Reader) -> None:
    reader.findings.add(
        at,
        "untrusted_selection",
        f"`{written}` decides whom `{spec.name}` reaches, in rows that text from members or a model picked out.",
        "Make sure that this is meant, or select the rows by what the platform knows.",
    )
