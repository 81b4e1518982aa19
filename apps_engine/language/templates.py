"""Templates: text with placeholders, conditions and whole JSON trees, compiled once and rendered many times.

A text that is exactly one placeholder renders its value with its type; any other renders text. A condition renders true
or false and may be written with or without braces. A value that is missing is an error that names its path (LNG-07).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from apps_engine.language.bounds import ITEMS_VISITED, RESULT_CHARACTERS, VALUE_DEPTH
from apps_engine.language.comparison import truth
from apps_engine.language.errors import LanguageError, TemplateSyntaxError
from apps_engine.language.evaluation import compile_node
from apps_engine.language.grammar import parse_pieces, parse_tokens
from apps_engine.language.nodes import Literal, Node, Text, is_constant
from apps_engine.language.references import Findings, Reference
from apps_engine.language.rendering import result_too_long
from apps_engine.language.scope import Evaluate, Scope
from apps_engine.language.tokens import Piece, Token, scan_condition, scan_template
from apps_engine.language.work import WORK, begin

__all__ = [
    "Reference",
    "Scope",
    "Template",
    "compile_condition",
    "compile_expression",
    "compile_template",
    "compile_value",
    "constant_template",
    "template_texts",
]

LONGEST_FOLDED = 1_024  # characters of a constant placeholder that is written out when it is compiled

_Build = Callable[[Iterator[Any]], Any]


@dataclass(frozen=True, slots=True)
class Template:
    """Something that renders: call it with a scope; it raises LanguageError.

    `constant` says that it reads nothing from the scope. What it renders may be a value of the scope itself, no copy.
    `node` is the tree of one text, None for other values.
    """

    source: Any
    references: tuple[Reference, ...]
    filters: tuple[str, ...]
    constant: bool
    render: Evaluate = field(repr=False, compare=False)
    node: Node | None = field(default=None, repr=False, compare=False)

    def __call__(self, scope: Scope) -> Any:
        if self.filters:
            WORK.left = ITEMS_VISITED
        return self.render(scope)


def compile_template(text: str) -> Template:
    """Compile text with placeholders; raises TemplateSyntaxError."""
    findings = Findings()
    node, evaluate = _compiled(text, findings)
    return Template(text, tuple(findings.references), tuple(findings.filters), not findings.references, evaluate, node)


def compile_condition(source: str | bool) -> Template:
    """Compile a condition, with or without braces; it renders true or false. Raises TemplateSyntaxError."""
    if isinstance(source, bool):
        return constant_template(source)
    try:
        return _condition(source)
    except TemplateSyntaxError as error:
        raise error.within(source) from error


def compile_expression(source: Any) -> Template:
    """Compile a formula, with or without braces around its names; it renders its value.

    What is no text is a constant. Raises TemplateSyntaxError.
    """
    if not isinstance(source, str):
        return compile_value(source)
    try:
        return _expression(source)
    except TemplateSyntaxError as error:
        raise error.within(source) from error


def compile_value(tree: Any) -> Template:
    """Compile a JSON tree whose texts are templates; it renders the tree anew. Raises TemplateSyntaxError."""
    findings = Findings()
    leaves: list[Evaluate] = []
    build = _build(tree, findings, leaves, VALUE_DEPTH)

    def render(scope: Scope) -> Any:
        values = []
        size = 0
        for leaf in leaves:
            value = leaf(scope)
            size += _weight(value)
            if size > RESULT_CHARACTERS:
                raise result_too_long()
            values.append(value)
        return build(iter(values))

    return Template(tree, tuple(findings.references), tuple(findings.filters), not findings.references, render)


def constant_template(value: Any) -> Template:
    """A template that always renders the given value."""
    return Template(value, (), (), True, lambda scope: value)


def template_texts(tree: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a JSON tree with its JSON Pointer (RFC 6901), so that each can be compiled by itself."""
    if isinstance(tree, str):
        yield pointer, tree
    elif isinstance(tree, dict | list):
        for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from template_texts(child, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")


def _condition(source: str) -> Template:
    expression = _expression(source)
    evaluate = expression.render
    if not expression.constant:
        return replace(expression, render=lambda scope: truth(evaluate(scope)))
    value = truth(evaluate({}))
    return replace(expression, render=lambda scope: value)


def _expression(source: str) -> Template:
    findings = Findings()
    node = parse_tokens(scan_condition(source), findings)
    constant = is_constant(node)
    if constant:
        node = _folded_placeholder(node, 0)
    return Template(source, tuple(findings.references), tuple(findings.filters), constant, compile_node(node), node)


def _compiled(text: str, findings: Findings) -> tuple[Node, Evaluate]:
    """The tree of a text and its closure; what it reads is noted in the findings.

    Raises TemplateSyntaxError with the place.
    """
    try:
        pieces = scan_template(text)
        node = _folded(parse_pieces(pieces, findings), pieces)
        return node, compile_node(node)
    except TemplateSyntaxError as error:
        raise error.within(text) from error


def _folded(node: Node, pieces: tuple[Piece, ...]) -> Node:
    """The tree with its constant placeholders evaluated, so that `{{ 1 / 0 }}` is refused when it is written.

    Lists and objects are left as they are, for each render makes its own; so are long texts, which a plan would keep.
    """
    if len(pieces) == 1 and isinstance(pieces[0], Token):
        return _folded_placeholder(node, pieces[0].position) if is_constant(node) else node
    if not isinstance(node, Text):
        return node
    written = [
        _folded_placeholder(Text((part,), part.depth), piece.position)
        if isinstance(piece, Token) and not isinstance(part, str) and is_constant(part)
        else part
        for piece, part in zip(pieces, node.pieces, strict=True)
    ]
    parts = tuple(part.value if isinstance(part, Literal) else part for part in written)
    if any(not isinstance(part, str) for part in parts):
        return Text(parts, node.depth)
    return Literal("".join(map(str, parts)))


def _folded_placeholder(node: Node, position: int) -> Node:
    value = _constant(compile_node(node), position)
    kept = isinstance(value, list | dict) or (isinstance(value, str) and len(value) > LONGEST_FOLDED)
    return node if kept else Literal(value)


def _constant(evaluate: Evaluate, position: int) -> Any:
    begin()
    try:
        return evaluate({})
    except LanguageError as error:
        raise TemplateSyntaxError(error.code, error.message, error.hint, position) from error


def _build(tree: Any, findings: Findings, leaves: list[Evaluate], depth: int) -> _Build:
    """How to put the tree together from the rendered leaves, which are collected on the way."""
    if not depth:
        raise TemplateSyntaxError(
            "too_deep", f"The value nests more than {VALUE_DEPTH} lists and objects.", "Flatten it."
        )
    if isinstance(tree, str):
        return _build_text(tree, findings, leaves)
    if isinstance(tree, dict):
        fields = tuple((key, _build(child, findings, leaves, depth - 1)) for key, child in tree.items())
        return lambda values: {key: build(values) for key, build in fields}
    if isinstance(tree, list):
        items = tuple(_build(child, findings, leaves, depth - 1) for child in tree)
        return lambda values: [build(values) for build in items]
    constant = Decimal(repr(tree)) if isinstance(tree, float) else tree
    return lambda values: constant


def _build_text(text: str, findings: Findings, leaves: list[Evaluate]) -> _Build:
    node, evaluate = _compiled(text, findings)
    if isinstance(node, Literal):
        value = node.value
        return lambda values: value
    leaves.append(evaluate)
    return next


def _weight(value: Any) -> int:
    """About how many characters a rendered leaf holds, without walking down: what filters can build is flat."""
    if type(value) is str:
        return len(value)
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    return len(items) + sum(len(item) for item in items if type(item) is str)
