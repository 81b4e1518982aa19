"""Tags.xml: rooms. A question goes to the room of its first tag, its answers follow it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import slugify

from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable
from decommerce.community.importing.stackexchange.identity import external
from decommerce.community.importing.tally import Tally
from decommerce.community.models import Room
from decommerce.community.services.rooms import announce_rooms
from decommerce.community.upsert import upsert


def import_tags(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring rooms up to date."""
    rooms: list[Room] = []
    for row in rows:
        try:
            if row.optional_whole("Count"):
                rooms.append(_room(row))
            else:
                tally.skip("without a post")
        except RowUnreadable as fault:
            tally.skip(str(fault))
    result = upsert(rooms, "external_id", ["name"])
    tally.add(result)
    if emit:
        announce_rooms(result.created)


def _room(row: Row) -> Room:
    number, name = row.whole("Id"), row.text("TagName", 120)
    return Room(external_id=external(number), name=name, slug=slugify(name)[:120] or f"tag-{number}")
