"""The rows of a dump's files, one at a time: a file may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from decommerce.community.exact_json import storable
from decommerce.tenancy.errors import PlatformError

MAX_ID = 2**63 - 1


class DumpUnreadable(PlatformError):
    """A file that is no part of a dump, or that is dangerous to read."""

    code = "dump_unreadable"


class RowUnreadable(Exception):
    """A row that lacks what it must have; the message says what."""


class Row:
    """One row of a dump: its attributes, typed."""

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self.attributes = attributes

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
        """An instant; dumps write them in UTC and do not say so. Raises RowUnreadable."""
        value = self.optional_instant(name)
        if value is None:
            raise RowUnreadable(f"without {name}")
        return value

    def optional_instant(self, name: str) -> datetime | None:
        """An instant, or None."""
        text = self.attributes.get(name)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError as error:
            raise RowUnreadable(f"with a broken {name}") from error


def read_rows(path: Path, advance: Callable[[int], None]) -> Iterator[Row]:
    """The rows of one file, in order; tells `advance` how many bytes are behind. Raises DumpUnreadable."""
    with path.open("rb") as file:
        try:
            events = iterparse(file, events=("start", "end"), forbid_dtd=True)
            _, root = next(events)
            for event, element in events:
                if event == "end" and element.tag == "row":
                    yield Row(dict(element.attrib))
                    root.clear()
                    advance(file.tell())
        except ParseError as error:
            raise DumpUnreadable(
                f"{path.name} is broken at line {error.position[0]}.", hint="Unpack the dump again."
            ) from error
        except DefusedXmlException as error:
            raise DumpUnreadable(f"{path.name} holds XML that is not safe to read.") from error
