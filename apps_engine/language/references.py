"""What a template reads and uses, found while it is parsed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from apps_engine.language.bounds import OPERATIONS
from apps_engine.language.errors import TemplateSyntaxError


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that a template reads: `members[0].email` is root `members` and path `(0, "email")`.

    Aliases are resolved (`$op.members` is root `members`). None in the path is an index known at run time only.
    `position` is the offset in characters; `optional` says that a `default` or `coalesce` follows.
    """

    root: str
    path: tuple[str | int | None, ...]
    position: int
    optional: bool = False


@dataclass(slots=True)
class Findings:
    """References and filters of one source over all its placeholders, in order, and how many operations it has."""

    references: list[Reference] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    operations: int = 0

    def add_filter(self, name: str) -> None:
        """Note a filter, once."""
        if name not in self.filters:
            self.filters.append(name)

    def make_optional(self, first: int) -> None:
        """Mark the references from that index on: what comes next does without them."""
        self.references[first:] = [replace(reference, optional=True) for reference in self.references[first:]]

    def count(self, position: int) -> None:
        """Count one operation; raises TemplateSyntaxError beyond the bound."""
        self.operations += 1
        if self.operations > OPERATIONS:
            raise TemplateSyntaxError(
                "too_many_operations", f"The text holds more than {OPERATIONS} operations.", "Split it.", position
            )
