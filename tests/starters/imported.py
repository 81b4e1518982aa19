"""The Stack Exchange dump and the Shopify files as a community of today, and the same files in plain Python.

Both are moved in time so that their last moment is just now. A dump may be cut first, to what it would have been on an
earlier day: `LIVELY` is a month after the site opened, when most of what there is was written. The dump tells no
addresses, so every member gets one; Bob Norman, who bought something in the shop, is a member too.
"""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django.apps import apps
from django.db.models import EmailField, F, Value
from django.db.models.functions import Concat

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.shopify_files import import_files
from decommerce.community.importing.stackexchange.site import import_site
from decommerce.community.models import Member, ShopifyOrder
from decommerce.community.services.members import NewMember, join
from tests.starters.stage import Stage

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SITE = DATA / "stackexchange"
LIVELY = datetime(2018, 3, 5, tzinfo=UTC)
# When a row began, and what else it tells the time of.
DATES = {
    "Users": ("CreationDate", "LastAccessDate"),
    "Posts": ("CreationDate", "LastEditDate", "LastActivityDate"),
    "Comments": ("CreationDate",),
    "Votes": ("CreationDate",),
    "Badges": ("Date",),
}
BUYER = "bob.norman@hostmail.com"
# The site's own user is no member, and what it owns is no post of anybody's.
COMMUNITY_USER = "-1"

Row = dict[str, str]


@dataclass(frozen=True)
class Dump:
    """The files of a dump as rows of text, and their time moved to today's."""

    folder: Path
    taken_at: datetime
    imported_at: datetime

    def age(self, written: str) -> timedelta:
        """How old something is by today's time: `dump.age(row["CreationDate"])`."""
        return self.taken_at - instant(written)

    def at(self, written: str) -> datetime:
        """When it is by today's time."""
        return self.imported_at - self.age(written)

    def users(self) -> list[Row]:
        """Everyone who is a member."""
        return [row for row in _rows(self.folder, "Users") if row["Id"] != COMMUNITY_USER]

    def questions(self) -> list[Row]:
        """The questions of members."""
        return [row for row in self.posts() if row["PostTypeId"] == "1"]

    def answers(self) -> list[Row]:
        """The answers of members."""
        return [row for row in self.posts() if row["PostTypeId"] == "2"]

    def posts(self) -> list[Row]:
        """Questions and answers of members."""
        members = {row["Id"] for row in self.users()}
        return [
            row
            for row in _rows(self.folder, "Posts")
            if row["PostTypeId"] in "12" and row.get("OwnerUserId") in members
        ]

    def comments(self) -> list[Row]:
        """The comments of members on posts that were imported."""
        members, posts = {row["Id"] for row in self.users()}, {row["Id"] for row in self.posts()}
        return [
            row for row in _rows(self.folder, "Comments") if row.get("UserId") in members and row["PostId"] in posts
        ]

    def badges(self) -> list[Row]:
        """The badges of members."""
        members = {row["Id"] for row in self.users()}
        return [row for row in _rows(self.folder, "Badges") if row["UserId"] in members]

    def name_of(self, user: str) -> str:
        """What a user is called."""
        return next(row["DisplayName"] for row in self.users() if row["Id"] == user)


def import_everything(stage: Stage, folder: Path, taken_at: datetime) -> Dump:
    """Fill the stage's community with the dump in `folder`, which was taken at that time, and with the shop's files."""
    report = ProgressReport(io.StringIO())
    import_site(folder, stage.tenant.pk, report)
    dump = Dump(folder, taken_at, datetime.now(UTC))
    stage.age([model for model in _models() if not _of_the_shop(model)], taken_at - dump.imported_at)
    import_files(sorted((DATA / "shopify").glob("*.json")), stage.tenant.pk, report)
    with stage.community():
        newest = max(ShopifyOrder.objects.values_list("created_at", flat=True))
        Member.objects.update(
            email=Concat(Value("user"), F("pk"), Value("@imported.example"), output_field=EmailField())
        )
        join(NewMember("Bob Norman", BUYER))
    stage.age([model for model in _models() if _of_the_shop(model)], newest - dump.imported_at)
    stage.work()
    return dump


def cut(folder: Path, as_of: datetime) -> None:
    """Write the dump into `folder` as it would have been at an earlier time. Scores stay what they became."""
    for file, dates in DATES.items():
        tree = ElementTree.parse(SITE / f"{file}.xml")
        root = tree.getroot()
        for row in [row for row in root if instant(row.attrib[dates[0]]) > as_of]:
            root.remove(row)
        for row in root:
            for date in dates[1:]:
                if date in row.attrib and instant(row.attrib[date]) > as_of:
                    row.attrib[date] = as_of.replace(tzinfo=None).isoformat(timespec="milliseconds")
        tree.write(folder / f"{file}.xml", encoding="utf-8", xml_declaration=True)
    shutil.copy(SITE / "Tags.xml", folder)


def end_of(folder: Path) -> datetime:
    """The last moment that a dump tells of."""
    stamps = (row.get(date) for file, dates in DATES.items() for row in _rows(folder, file) for date in dates)
    return max(instant(stamp) for stamp in stamps if stamp)


def instant(written: str) -> datetime:
    """An instant as dumps write it."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def shop_file(name: str) -> Any:
    """A file of the shop: `shop_file("order")["order"]`."""
    return json.loads((DATA / "shopify" / f"{name}.json").read_text())


def _models() -> list[Any]:
    return list(apps.get_app_config("community").get_models())


def _of_the_shop(model: Any) -> bool:
    return bool(model.__name__.startswith("Shopify"))


def _rows(folder: Path, file: str) -> list[Row]:
    return [dict(row.attrib) for row in ElementTree.parse(folder / f"{file}.xml").getroot()]
