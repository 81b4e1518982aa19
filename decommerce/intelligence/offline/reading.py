"""One look at the material while a schema is filled: what was asked, what there is, and what stands beside a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from decommerce.intelligence.offline.facts import key_of
from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.port import ModelRequest


@dataclass(frozen=True, slots=True)
class Reading:
    """`lists` are the names of the lists of the same object, `bounds` the schema of the number that is looked for."""

    request: ModelRequest
    source: Source
    lists: Sequence[str] = ()
    bounds: Mapping[str, Any] | None = None

    def about(self, value: Any) -> Reading:
        """The same for one part of the material."""
        return replace(self, source=Source(value), lists=(), bounds=None)

    def inside(self, name: str) -> Reading:
        """The same for the object of that name, where the material has one."""
        value = self.source.keyed.get(key_of(name))
        return self.about(value) if isinstance(value, Mapping) else self

    def beside(self, lists: Sequence[str]) -> Reading:
        """The same for the members of an object with these lists."""
        return replace(self, lists=tuple(lists))

    def within(self, schema: Mapping[str, Any]) -> Reading:
        """The same for a number with these bounds."""
        return replace(self, bounds=schema)
