"""Importing a whole site, file by file, in batches that each are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Protocol

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.stackexchange.activity import newest_activity
from decommerce.community.importing.stackexchange.badges import import_badges
from decommerce.community.importing.stackexchange.comments import import_comments
from decommerce.community.importing.stackexchange.dump import DumpUnreadable, Row, read_rows
from decommerce.community.importing.stackexchange.posts import import_answers, import_questions, note_room_times
from decommerce.community.importing.stackexchange.room_members import enter_rooms
from decommerce.community.importing.stackexchange.tags import import_tags
from decommerce.community.importing.stackexchange.users import import_users
from decommerce.community.importing.stackexchange.votes import import_votes
from decommerce.community.importing.tally import Tally
from decommerce.community.importing.timeline import Timeline
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


def import_site(
    folder: Path,
    tenant_id: int,
    report: ProgressReport,
    *,
    emit: bool = False,
    until: datetime | None = None,
    ending_at: datetime | None = None,
    addresses: bool = False,
) -> list[Tally]:
    """Import the dump in `folder`; returns the counts of each part. Raises DumpUnreadable.

    It may be stopped and run again at any time: what is there already is known again. With `until`, what came later is
    left out (scores and reputations stay those of the dump). With `ending_at`, all times move so that the newest
    activity falls on it. With `addresses`, new members get a made-up address that nobody reads.
    """
    missing = sorted({part.file for part in PARTS if not (folder / part.file).is_file()})
    if missing:
        raise DumpUnreadable(
            f"{folder} has no {', '.join(missing)}.", hint="Give the folder of an unpacked Stack Exchange dump."
        )
    timeline = Timeline(until=until)
    if ending_at is not None:
        timeline = timeline.ending(ending_at, newest_activity(folder, until))
    users, *others = PARTS
    parts = [replace(users, importer=partial(import_users, addresses=addresses)), *others]
    tallies = [_import_part(folder / part.file, part, timeline, tenant_id, report, emit=emit) for part in parts]
    with tenant_scope(tenant_id):
        note_room_times()
        return [*tallies, enter_rooms()]


def _import_part(
    path: Path, part: Part, timeline: Timeline, tenant_id: int, report: ProgressReport, *, emit: bool
) -> Tally:
    tally = Tally(part.noun)
    with report.part(part.noun, path.stat().st_size) as advance:
        for rows in _batches(path, timeline, advance):
            with tenant_scope(tenant_id):
                part.importer(rows, tally, emit=emit)
    return tally


def _batches(path: Path, timeline: Timeline, advance: Callable[[int], None]) -> Iterator[list[Row]]:
    rows = read_rows(path, advance, timeline)
    while batch := list(islice(rows, BATCH)):
        yield batch
