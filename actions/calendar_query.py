"""Looking at a person's calendar at Google, with the account that they connected (PIP-05)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.search_text import SearchText
from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.filters.markup import strip_html
from apps_engine.language.instants import format_instant, parse_instant
from decommerce.accounts.google.api import GoogleApi
from decommerce.accounts.google.calendar import Event, find_events
from decommerce.community.exact_json import storable
from decommerce.outgoing.json_api import JsonApi
from decommerce.outgoing.quota import require_quota
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Tenant

DEADLINE_SECONDS = 30.0
LONGEST_LINE = 500
LONGEST_DESCRIPTION = 5_000
USUAL_DAYS = 7
MOST_DAYS = 366


class TimeRangeEmpty(PlatformError):
    """The time that is looked at ends before it begins."""

    code = "time_range_empty"


class CalendarQueryParams(BaseModel):
    """The time that is looked at: `from` (else now) until `to`, or for so many `days` (else seven)."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: datetime | date | None = Field(None, alias="from", description="When it begins; now where it is left out")
    to: datetime | date | None = Field(None, description="When it ends")
    days: int | None = Field(None, ge=1, le=MOST_DAYS, description="How many days, in place of `to`")
    calendar: str = Field("primary", min_length=1, max_length=254, description="primary, or a calendar's address")
    query: SearchText = Field("", max_length=500, description="Words that an event must have")
    limit: int = Field(20, ge=1, le=50, description="At most so many events, earliest first")
    account: str = Field("", max_length=254, description="Which connected account: its name or address")

    @model_validator(mode="after")
    def _one_end(self) -> CalendarQueryParams:
        if self.to is not None and self.days is not None:
            raise ValueError("`to` and `days` say the same thing: leave one out")
        return self


class CalendarQuery(ExternalAction[CalendarQueryParams]):
    """Reads, and reads only. That nothing is planned is a result; that nothing could be read is an error."""

    name = "calendar_query"
    summary = "Look at the Google calendar of the person who made the app"
    sentence = "reads the calendar of the person who made it"
    Params = CalendarQueryParams
    result = (
        FieldSpec(
            "events",
            FieldType.LIST,
            "Earliest first: id, title, start, end, all_day, location, description, attendees (how many), response, "
            "link; start and end are instants, or dates where all_day is true",
            untrusted=True,
            personal=True,
        ),
        FieldSpec("count", FieldType.INTEGER, "How many events are listed"),
        FieldSpec("empty", FieldType.BOOLEAN, "True where the calendar was read and nothing is in that time"),
        FieldSpec("more", FieldType.BOOLEAN, "Whether there are more events than are listed"),
        FieldSpec("account", FieldType.TEXT, "The address of the account that was read", personal=True),
        FieldSpec("sample", FieldType.BOOLEAN, "True in a test run: the events are made up"),
    )
    targets = ("account", "calendar")
    oauth = ("calendar",)
    repeatable = Repeatable.SAFELY
    cached = True

    def prepare(self, call: Call[CalendarQueryParams], context: ActionContext) -> Request:
        require_quota()
        params = call.params
        zone = ZoneInfo(Tenant.objects.get(pk=context.tenant_id).timezone)
        begins = context.now if params.from_ is None else _instant(params.from_, zone)
        ends = begins + timedelta(days=params.days or USUAL_DAYS) if params.to is None else _instant(params.to, zone)
        if ends <= begins:
            raise TimeRangeEmpty("The time ends before it begins.", hint="Look at `from` and `to`.")
        frozen = {
            "from": format_instant(begins),
            "to": format_instant(ends),
            **params.model_dump(include={"calendar", "query", "limit", "account"}),
        }
        return Request("calendar_query", frozen, DEADLINE_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        asked = request.body
        hosts = (settings.GOOGLE_CALENDAR_URL, settings.GOOGLE_OAUTH_URL)
        api = JsonApi(context.tenant_id, hosts, request.deadline_seconds, context.app_id, context.execution_id)
        google = GoogleApi(api, context.owner_id, "calendar", asked["account"])
        begins, ends = parse_instant(asked["from"]), parse_instant(asked["to"])
        events, more = find_events(google, asked["calendar"], begins, ends, query=asked["query"], limit=asked["limit"])
        listed = [_listed(event) for event in events]
        found = {"events": listed, "count": len(listed), "empty": not listed and not more, "more": more}
        return Response({**found, "account": google.address, "sample": False})

    def preview(self, request: Request) -> Mapping[str, Any]:
        asked = request.body
        events = _samples(parse_instant(asked["from"]))[: asked["limit"]]
        return {
            "events": events,
            "count": len(events),
            "empty": False,
            "more": False,
            "account": "you@example.com",
            "sample": True,
        }


def _instant(moment: datetime | date, zone: ZoneInfo) -> datetime:
    """What is written without an offset is meant in the community's time zone; a date is its midnight."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - the zone follows
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _listed(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "title": storable(event.title)[:LONGEST_LINE],
        "start": _written(event.start),
        "end": _written(event.end),
        "all_day": not isinstance(event.start, datetime),
        "location": storable(event.location)[:LONGEST_LINE],
        "description": storable(strip_html(event.description))[:LONGEST_DESCRIPTION],
        "attendees": event.attendees,
        "response": event.response,
        "link": event.link,
    }


def _written(moment: datetime | date) -> str:
    return format_instant(moment) if isinstance(moment, datetime) else moment.isoformat()


def _samples(begins: datetime) -> list[dict[str, Any]]:
    hour = begins.replace(minute=0, second=0, microsecond=0)
    meeting = _sample(1, "Weekly planning", format_instant(hour + timedelta(hours=2)), attendees=4)
    meeting["end"] = format_instant(hour + timedelta(hours=3))
    day = (begins + timedelta(days=1)).date()
    trip = _sample(2, "Trip to the mountains", day.isoformat(), all_day=True)
    trip["end"] = (day + timedelta(days=1)).isoformat()
    return [meeting, trip]


def _sample(number: int, title: str, start: str, *, all_day: bool = False, attendees: int = 0) -> dict[str, Any]:
    return {
        "id": f"sample-{number}",
        "title": f"[Sample] {title}",
        "start": start,
        "end": start,
        "all_day": all_day,
        "location": "Room 2",
        "description": "A made-up event of the test run.",
        "attendees": attendees,
        "response": "accepted",
        "link": "https://calendar.google.com/",
    }
