"""Events: those of other programs come in (TRG-08), and all of them are looked at (TRG-11).

CloudEvents 1.0 in the structured, the batched and the binary mode of its HTTP binding.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import cursor_page_of, operation, page_of
from apps_engine.api.json_media import BinaryEventParser, EventBatchParser, EventParser
from apps_engine.api.serializers import EventPage
from apps_engine.api.shapes import CLOUD_EVENT, list_of
from apps_engine.api.views.base import ApiView
from apps_engine.services.events import EventFilter, get_event, list_events, runs_started_by
from apps_engine.services.outside_events import MOST_EVENTS, Taken, take_events
from apps_engine.services.presentation import event_as_dict, heard_as_dict
from apps_engine.services.verdicts import listeners_of
from decommerce.community.event_catalogue import EVENTS
from decommerce.tenancy.errors import PlatformError

SAMPLE = {
    "specversion": "1.0",
    "id": "award-1042",
    "source": "/billing",
    "type": "xp.awarded",
    "time": "2026-11-21T09:00:00Z",
    "data": dict(EVENTS["xp.awarded"].sample),
}


class EventsRefused(PlatformError):
    """None of the events could be taken; `problems` says why, with the path of each fault."""

    code = "events_refused"
    status = 422

    def __init__(self, problems: list[dict[str, str]]) -> None:
        super().__init__("No event was taken in.", hint="Correct every problem listed.")
        self.problems = problems

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": self.problems}


class EventsView(ApiView):
    """The events of a community."""

    parser_classes = [EventParser, EventBatchParser, BinaryEventParser]

    @operation("List events", query=EventPage, result=cursor_page_of("Event"))
    def get(self, request: Request) -> Response:
        """Newest first, without their data, each with the runs it started; `next_cursor` is null on the last page."""
        wanted = self.parameters(EventPage)
        which = EventFilter(
            wanted["type"], wanted["source"], wanted["event_id"], wanted.get("since"), wanted.get("until")
        )
        found = list_events(self.principal, which, limit=wanted["limit"] + 1, cursor=wanted.get("cursor"))
        page = found[: wanted["limit"]]
        runs = runs_started_by(page)
        items = [event_as_dict(event, runs.get(event.pk, ())) for event in page]
        return Response({"items": items, "next_cursor": page[-1].pk if len(found) > len(page) else None})

    @operation(
        "Send events",
        body={
            EventParser.media_type: CLOUD_EVENT,
            EventBatchParser.media_type: {**list_of(CLOUD_EVENT), "minItems": 1, "maxItems": MOST_EVENTS},
        },
        result=page_of("TakenEvent"),
        status=202,
        examples=[
            OpenApiExample("One event", SAMPLE, request_only=True, media_type=EventParser.media_type),
            OpenApiExample("A batch", [SAMPLE], request_only=True, media_type=EventBatchParser.media_type),
        ],
    )
    def post(self, request: Request) -> Response:
        """202 once they are durable; of a batch, what was refused is told beside what was taken.

        One event may also come in the binary mode: `ce-id`, `ce-source`, ... as headers and its data as the JSON body.
        """
        # Its parsers make a list of every body.
        events: Any = request.data
        taken = take_events(self.principal, events)
        if all(result.status == "refused" for result in taken):
            batch = str(request.content_type).startswith(EventBatchParser.media_type)
            raise EventsRefused([_problem(number, result, batch) for number, result in enumerate(taken)])
        return Response({"items": [result.as_dict() for result in taken]}, status=202)


class EventView(ApiView):
    """One event."""

    @operation("Get an event", result="FullEvent")
    def get(self, request: Request, event_number: int) -> Response:
        """The event with its data, and what became of it for every app that listens: a run, or why there is none."""
        event = get_event(self.principal, event_number)
        listeners = [heard_as_dict(heard) for heard in listeners_of(self.principal, event_number)]
        runs = runs_started_by([event]).get(event.pk, ())
        return Response({**event_as_dict(event, runs), "data": event.data, "listeners": listeners})


def _problem(number: int, result: Taken, batch: bool) -> dict[str, str]:
    (problem,) = result.as_dict()["problems"]
    return {**problem, "path": f"/{number}{problem['path']}" if batch else problem["path"]}
