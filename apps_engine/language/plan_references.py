"""What a part of a plan reads: a step, a trigger, or the whole of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from apps_engine.language.references import Reference
from apps_engine.language.templates import Template


def references_of(part: Any) -> Iterator[Reference]:
    """Every value that the templates of this part, and of what is inside it, read."""
    if isinstance(part, Template):
        yield from part.references
    elif is_dataclass(part):
        for field in fields(part):
            yield from references_of(getattr(part, field.name))
    elif isinstance(part, Mapping | tuple):
        for item in part.values() if isinstance(part, Mapping) else part:
            yield from references_of(item)


def reads(part: Any, root: str) -> bool:
    """Whether this part reads anything under that name."""
    return any(reference.root == root for reference in references_of(part))
