"""Reading events through the Calendar API, version 3.

https://developers.google.com/workspace/calendar/api/v3/reference/events/list
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings

from decommerce.accounts.google.api import GoogleApi
from decommerce.outgoing.json_api import ServiceFailed

MAX_PAGES = 5
_FIELDS = (
    "kind,nextPageToken,items(id,status,summary,start,end,location,description,htmlLink,"
    "attendees(self,responseStatus),attendeesOmitted)"
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or one occurrence of a repeated one. `start` and `end` are dates where it takes whole days; the end
    is the first moment, or day, after it. `response` is what the account's owner answered, if anybody asked."""

    id: str
    title: str
    start: datetime | date
    end: datetime | date
    location: str
    description: str
    attendees: int
    response: str | None
    link: str


def find_events(
    google: GoogleApi, calendar: str, begins: datetime, ends: datetime, *, query: str, limit: int
) -> tuple[list[Event], bool]:
    """The events that touch the time, earliest first, and whether there are more; cancelled ones are none."""
    url = f"{settings.GOOGLE_CALENDAR_URL}/calendar/v3/calendars/{quote(calendar, safe='')}/events"
    asked: dict[str, str | int] = {
        "timeMin": begins.isoformat(timespec="seconds"),
        "timeMax": ends.isoformat(timespec="seconds"),
        "singleEvents": "true",
        "orderBy": "startTime",
        "maxResults": limit + 1,
        "fields": _FIELDS,
    }
    if query:
        asked["q"] = query
    found: list[Event] = []
    for _ in range(MAX_PAGES):
        answer = google.get(url, asked)
        if answer.get("kind") != "calendar#events":
            raise ServiceFailed("Google Calendar answered with no list of events.", hint="Try again later.")
        found += [_event(row) for row in answer.get("items", ()) if row.get("status") != "cancelled"]
        asked["pageToken"] = str(answer.get("nextPageToken") or "")
        if not asked["pageToken"] or len(found) > limit:
            break
    return found[:limit], bool(asked["pageToken"]) or len(found) > limit


def _event(row: Mapping[str, Any]) -> Event:
    attendees = row.get("attendees") or ()
    own = (attendee.get("responseStatus") for attendee in attendees if attendee.get("self"))
    return Event(
        id=str(row.get("id", "")),
        title=str(row.get("summary") or ""),
        start=_moment(row.get("start")),
        end=_moment(row.get("end")),
        location=str(row.get("location") or ""),
        description=str(row.get("description") or ""),
        attendees=len(attendees),
        response=next(own, None),
        link=str(row.get("htmlLink") or ""),
    )


def _moment(value: Any) -> datetime | date:
    """`dateTime` with its offset, or `date` of an event that takes whole days; raises ServiceFailed for neither."""
    try:
        return datetime.fromisoformat(value["dateTime"]) if "dateTime" in value else date.fromisoformat(value["date"])
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceFailed("Google Calendar answered with an event that has no time.", hint="Try later.") from error
