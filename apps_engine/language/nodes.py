"""The tree of an expression. Plain data: `grammar` makes it, `evaluation` turns it into closures.

Every node has `depth`, how many nodes lie inside one another at most, itself included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps_engine.language.filters.record import Filter


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out; never a list (see Listing)."""

    value: Any
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Path:
    """A value of the scope: a root and its segments; a node among them is an index known at run time only."""

    root: str
    segments: tuple[str | int | Node, ...]
    position: int
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """Text with placeholders: pieces of text and nodes, in order."""

    pieces: tuple[str | Node, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list written out."""

    items: tuple[Node, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in parentheses or braces: it keeps what is inside from mixing with what follows."""

    inner: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with the other sign."""

    operand: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * / %` of two operands."""

    operator: str
    left: Node
    right: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`== != < <= > >= in contains` and `not in` of two operands."""

    operator: str
    left: Node
    right: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` of two or more operands, each looked at only as far as needed."""

    operator: str
    operands: tuple[Node, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` of a condition."""

    operand: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """A filter applied to a subject."""

    subject: Node
    filter: Filter
    arguments: tuple[Node, ...]
    position: int
    depth: int


Node = Literal | Path | Text | Listing | Group | Negative | Arithmetic | Comparison | Logic | Negation | Filtered


_CHILDREN: dict[type, Callable[[Any], tuple[str | int | Node, ...]]] = {
    Literal: lambda node: (),
    Path: lambda node: node.segments,
    Text: lambda node: node.pieces,
    Listing: lambda node: node.items,
    Group: lambda node: (node.inner,),
    Negative: lambda node: (node.operand,),
    Arithmetic: lambda node: (node.left, node.right),
    Comparison: lambda node: (node.left, node.right),
    Logic: lambda node: node.operands,
    Negation: lambda node: (node.operand,),
    Filtered: lambda node: (node.subject, *node.arguments),
}


def is_constant(node: Node) -> bool:
    """Whether the value of a node is the same in every scope."""
    if isinstance(node, Path) or (isinstance(node, Filtered) and node.filter.clock):
        return False
    return all(isinstance(child, str | int) or is_constant(child) for child in _CHILDREN[type(node)](node))


_LONGEST_INDEX = 10**18


def path_text(root: str, segments: tuple[str | int | Node | None, ...]) -> str:
    """A path as its author would write it: `members[0].email`; an index known at run time only is `[...]`."""
    written = [root]
    for segment in segments:
        if isinstance(segment, str):
            written.append(f".{segment}" if segment.isidentifier() else f'["{segment}"]')
        else:
            short = isinstance(segment, int) and abs(segment) < _LONGEST_INDEX
            written.append(f"[{segment}]" if short else "[...]")
    return "".join(written)


def field_of(node: Node) -> tuple[str, str] | None:
    """Name and field of a path such as `member.email`; None for everything else."""
    if isinstance(node, Path) and len(node.segments) == 1 and isinstance(node.segments[0], str):
        return node.root, node.segments[0]
    return None


def name_of(node: Node) -> str:
    """What an error message calls the value of a node."""
    if isinstance(node, Path):
        return path_text(node.root, node.segments)
    if isinstance(node, Filtered):
        return f"({name_of(node.subject)} | {node.filter.name})"
    return name_of(node.inner) if isinstance(node, Group) else "the value"
