"""Calendar, version 3: listing events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import unquote

from tests.google_server.wire import failure
from tests.wire_server import Asked, Reply, answer

EVENTS = "/calendar/v3/calendars/"


def timed(number: int, title: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """An event with hours; times have an offset."""
    return _event(number, title, {"dateTime": start}, {"dateTime": end}, more)


def whole_days(number: int, title: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """An event that takes whole days; the end is the day after."""
    return _event(number, title, {"date": start}, {"date": end}, more)


class Calendars:
    """The calendars of a person, by their addresses; `primary` is the main one. A page has `page_size` events."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {"primary": []}
        self.page_size = 250

    def handle(self, asked: Asked) -> Reply:
        """One request, which is allowed."""
        name = unquote(asked.path.removeprefix(EVENTS).removesuffix("/events"))
        if name not in self.events:
            return failure(404, "notFound", "Not Found")
        if asked.first("orderBy") == "startTime" and asked.first("singleEvents") != "true":
            return failure(400, "invalid", "The requested ordering is not available for the particular query.")
        begins, ends = (datetime.fromisoformat(asked.first(name)) for name in ("timeMin", "timeMax"))
        if begins >= ends:
            return failure(400, "timeRangeEmpty", "The specified time range is empty.", "calendar")
        words = asked.first("q").lower()
        found = [
            event
            for event in self.events[name]
            if _moment(event["end"]) > begins and _moment(event["start"]) < ends and words in str(event).lower()
        ]
        found.sort(key=lambda event: _moment(event["start"]))
        start = int(asked.first("pageToken") or "0")
        page = found[start : start + min(int(asked.first("maxResults", "250")), self.page_size)]
        more = {"nextPageToken": str(start + len(page))} if start + len(page) < len(found) else {}
        return answer({"kind": "calendar#events", "summary": name, "timeZone": "UTC", "items": page, **more})


def _event(number: int, title: str, start: dict[str, str], end: dict[str, str], more: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "calendar#event",
        "id": f"event{number}",
        "status": "confirmed",
        "htmlLink": f"https://www.google.com/calendar/event?eid=event{number}",
        "summary": title,
        "start": start,
        "end": end,
        **more,
    }


def _moment(value: dict[str, str]) -> datetime:
    text = value.get("dateTime") or f"{value['date']}T00:00:00+00:00"
    return datetime.fromisoformat(text)
