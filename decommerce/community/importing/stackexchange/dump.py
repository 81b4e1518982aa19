"""The rows of a dump's files, one at a time: a file may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from decommerce.community.exact_json import storable
from decommerce.community.importing.timeline import AS_IT_WAS, Timeline
from decommerce.tenancy.errors import PlatformError

MAX_ID = 2**63 - 1


class DumpUnreadable(PlatformError):
    """A file that is no part of a dump, or that is dangerous to read."""

    code = "dump_unreadable"


class RowUnreadable(Exception):
    """A row that lacks what it must have; the message says what."""


class Row:
    """One row of a dump: its attributes, typed. Instants are where the timeline puts them."""

    def __init__(self, attributes: Mapping[str, str], timeline: Timeline = AS_IT_WAS) -> None:
        self.attributes = attributes
        self.timeline = timeline

    def text(self, name: str, limit: int | None = None) -> str:
        """A text, cut to its column's length; "" where there is none."""
        return str(storable(self.attributes.get(name, "")))[:limit]

    def whole(self, name: str) -> int:
        """A whole number; raises RowUnreadable."""
        value = self.optional_whole(name)
        if value is None:
            raise RowUnreadable(f"without {name}")
        return value

    def optional_whole(self, name: str) -> int | None:
        """A whole number, or None where there is none; raises RowUnreadable for anything else."""
        text = self.attributes.get(name)
        if text is None or text == "":
            return None
        try:
            value = int(text)
        except ValueError as error:
            raise RowUnreadable(f"with a broken {name}") from error
        if abs(value) > MAX_ID:
            raise RowUnreadable(f"with a broken {name}")
        return value

    def instant(self, name: str) -> datetime:
        """When the row came to be; raises RowUnreadable, also for what is later than is told."""
        value = self.written_instant(name)
        if value is None:
            raise RowUnreadable(f"without {name}")
        if not self.timeline.knows(value):
            raise RowUnreadable("later than what is imported")
        return self._placed(name, value)

    def optional_instant(self, name: str) -> datetime | None:
        """When something else became of the row, or None."""
        value = self.written_instant(name)
        return None if value is None else self._placed(name, value)

    def written_instant(self, name: str) -> datetime | None:
        """An instant as the dump has it, in UTC (dumps do not say so), or None; raises RowUnreadable."""
        text = self.attributes.get(name)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError as error:
            raise RowUnreadable(f"with a broken {name}") from error

    def _placed(self, name: str, value: datetime) -> datetime:
        try:
            return self.timeline.place(value)
        except OverflowError as error:
            raise RowUnreadable(f"with a broken {name}") from error


def read_rows(path: Path, advance: Callable[[int], None], timeline: Timeline = AS_IT_WAS) -> Iterator[Row]:
    """The rows of one file, in order; tells `advance` how many bytes are behind. Raises DumpUnreadable."""
    with path.open("rb") as file:
        try:
            events = iterparse(file, events=("start", "end"), forbid_dtd=True)
            _, root = next(events)
            for event, element in events:
                if event == "end" and element.tag == "row":
                    yield Row(dict(element.attrib), timeline)
                    root.clear()
                    advance(file.tell())
        except ParseError as error:
            raise DumpUnreadable(
                f"{path.name} is broken at line {error.position[0]}.", hint="Unpack the dump again."
            ) from error
        except DefusedXmlException as error:
            raise DumpUnreadable(f"{path.name} holds XML that is not safe to read.") from error
