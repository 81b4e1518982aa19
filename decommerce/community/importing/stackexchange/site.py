"""Importing a whole site, file by file, in batches that each are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.stackexchange.badges import import_badges
from decommerce.community.importing.stackexchange.comments import import_comments
from decommerce.community.importing.stackexchange.dump import DumpUnreadable, Row, read_rows
from decommerce.community.importing.stackexchange.posts import import_answers, import_questions, note_room_activity
from decommerce.community.importing.stackexchange.tags import import_tags
from decommerce.community.importing.stackexchange.users import import_users
from decommerce.community.importing.stackexchange.votes import import_votes
from decommerce.community.importing.tally import Tally
from decommerce.tenancy.context import tenant_scope

BATCH = 1000


class Importer(Protocol):
    """Brings a batch of rows in, and counts what became of them."""

    def __call__(self, rows: list[Row], tally: Tally, *, emit: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a dump and what is read from it."""

    file: str
    noun: str
    importer: Importer


# What is named comes before what names it.
PARTS = (
    Part("Users.xml", "members", import_users),
    Part("Tags.xml", "rooms", import_tags),
    Part("Posts.xml", "questions", import_questions),
    Part("Posts.xml", "answers", import_answers),
    Part("Comments.xml", "comments", import_comments),
    Part("Votes.xml", "reactions", import_votes),
    Part("Badges.xml", "contributions", import_badges),
)


def import_site(folder: Path, tenant_id: int, report: ProgressReport, *, emit: bool = False) -> list[Tally]:
    """Import the dump in `folder`; returns the counts of each part. Raises DumpUnreadable.

    It may be stopped and run again at any time: what is there already is known again.
    """
    missing = sorted({part.file for part in PARTS if not (folder / part.file).is_file()})
    if missing:
        raise DumpUnreadable(
            f"{folder} has no {', '.join(missing)}.", hint="Give the folder of an unpacked Stack Exchange dump."
        )
    tallies = [_import_part(folder, part, tenant_id, report, emit=emit) for part in PARTS]
    with tenant_scope(tenant_id):
        note_room_activity()
    return tallies


def _import_part(folder: Path, part: Part, tenant_id: int, report: ProgressReport, *, emit: bool) -> Tally:
    path, tally = folder / part.file, Tally(part.noun)
    with report.part(part.noun, path.stat().st_size) as advance:
        for rows in _batches(path, advance):
            with tenant_scope(tenant_id):
                part.importer(rows, tally, emit=emit)
    return tally


def _batches(path: Path, advance: Callable[[int], None]) -> Iterator[list[Row]]:
    rows = read_rows(path, advance)
    while batch := list(islice(rows, BATCH)):
        yield batch
