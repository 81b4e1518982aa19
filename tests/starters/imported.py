"""The imported community on a stage, and the files it came from in plain Python.

What a scenario expects is worked out from these rows of text, with times moved as the import moves them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.stackexchange.site import import_site
from tests.imported import DATA, UNTIL, import_community
from tests.starters.stage import Stage

SITE = DATA / "stackexchange"
# The site's own user is no member, and what it owns is no post of anybody's.
COMMUNITY_USER = "-1"
# What tells when a site was last active.
ACTIVITY = {
    "Posts": ("CreationDate", "LastEditDate"),
    "Comments": ("CreationDate",),
    "Votes": ("CreationDate",),
    "Badges": ("Date",),
}

Row = dict[str, str]


@dataclass(frozen=True)
class Dump:
    """The rows of a dump that came in: what was written by `until`, a time of the dump's own."""

    until: datetime
    imported_at: datetime

    @classmethod
    def of_the_stage(cls, stage: Stage) -> Dump:
        """Import the busy first weeks of the site, and the shop: see `tests.imported`."""
        imported_at = datetime.now(UTC)
        import_community(stage.tenant, imported_at)
        return cls(_newest_activity(UNTIL), imported_at)

    @classmethod
    def of_all_years(cls, stage: Stage) -> Dump:
        """Import the whole dump, two and a half years, which are quiet at the end."""
        imported_at = datetime.now(UTC)
        report = ProgressReport(io.StringIO())
        import_site(SITE, stage.tenant.pk, report, ending_at=imported_at, addresses=True)
        return cls(_newest_activity(), imported_at)

    def age(self, written: str) -> timedelta:
        """How old something was at the import; what came after the end of the dump fell on it."""
        return max(self.until - _instant(written), timedelta())

    def at(self, written: str) -> datetime:
        """When it is by today's time."""
        return self.imported_at - self.age(written)

    def users(self) -> list[Row]:
        """Everyone who is a member."""
        return [row for row in self._known("Users") if row["Id"] != COMMUNITY_USER]

    def posts(self) -> list[Row]:
        """Questions and answers of members."""
        members = {row["Id"] for row in self.users()}
        return [row for row in self._known("Posts") if row["PostTypeId"] in "12" and row.get("OwnerUserId") in members]

    def questions(self) -> list[Row]:
        """The questions of members."""
        return [row for row in self.posts() if row["PostTypeId"] == "1"]

    def answers(self) -> list[Row]:
        """The answers of members."""
        return [row for row in self.posts() if row["PostTypeId"] == "2"]

    def comments(self) -> list[Row]:
        """The comments of members on posts of members."""
        members, posts = {row["Id"] for row in self.users()}, {row["Id"] for row in self.posts()}
        return [row for row in self._known("Comments") if row.get("UserId") in members and row["PostId"] in posts]

    def reactions(self) -> list[Row]:
        """The votes for posts of members that count as reactions: accepted, up, down, favourite."""
        posts = {row["Id"] for row in self.posts()}
        return [row for row in self._known("Votes") if row["VoteTypeId"] in "1235" and row["PostId"] in posts]

    def badges(self) -> list[Row]:
        """The badges of members."""
        members = {row["Id"] for row in self.users()}
        return [row for row in self._known("Badges", "Date") if row["UserId"] in members]

    def name_of(self, user: str) -> str:
        """What a user is called."""
        return next(row["DisplayName"] for row in self.users() if row["Id"] == user)

    def _known(self, file: str, date: str = "CreationDate") -> Iterator[Row]:
        return (row for row in _rows(file) if _instant(row[date]) <= self.until)


def shop_file(name: str) -> Any:
    """A file of the shop: `shop_file("orders")["orders"]`."""
    return json.loads((DATA / "shopify" / f"{name}.json").read_text())


def _rows(file: str) -> list[Row]:
    return [dict(row.attrib) for row in ElementTree.parse(SITE / f"{file}.xml").getroot()]


def _newest_activity(until: datetime | None = None) -> datetime:
    stamps = (row.get(date) for file, dates in ACTIVITY.items() for row in _rows(file) for date in dates)
    instants = (_instant(stamp) for stamp in stamps if stamp)
    return max(instant for instant in instants if until is None or instant <= until)


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)
