"""When something last happened on a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable, read_rows

# What members did. Being there without a word (LastAccessDate) goes on after the last word of a site.
TIMES: Mapping[str, tuple[str, ...]] = {
    "Posts.xml": ("CreationDate", "LastEditDate"),
    "Comments.xml": ("CreationDate",),
    "Votes.xml": ("CreationDate",),
    "Badges.xml": ("Date",),
}


def newest_activity(folder: Path, until: datetime | None = None) -> datetime | None:
    """When the newest post, edit, comment, vote or badge was, `until` then; None where there is none.

    Raises DumpUnreadable.
    """
    instants = (instant for file in TIMES for instant in _instants(folder / file, TIMES[file]))
    return max((instant for instant in instants if until is None or instant <= until), default=None)


def _instants(path: Path, names: tuple[str, ...]) -> Iterator[datetime]:
    for row in read_rows(path, lambda position: None):
        for name in names:
            instant = _instant(row, name)
            if instant is not None:
                yield instant


def _instant(row: Row, name: str) -> datetime | None:
    try:
        return row.written_instant(name)
    except RowUnreadable:
        return None
