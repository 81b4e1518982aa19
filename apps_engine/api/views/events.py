"""Events from other programs (TRG-08): CloudEvents 1.0 in the structured and the batched mode of its HTTP binding."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation, page_of
from apps_engine.api.json_media import EventBatchParser, EventParser
from apps_engine.api.shapes import CLOUD_EVENT, list_of
from apps_engine.api.views.base import ApiView
from apps_engine.services.outside_events import Taken, take_events
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
    """Taking events in."""

    parser_classes = [EventParser, EventBatchParser]

    @operation(
        "Send events",
        body={EventParser.media_type: CLOUD_EVENT, EventBatchParser.media_type: list_of(CLOUD_EVENT)},
        result=page_of("TakenEvent"),
        status=202,
        examples=[
            OpenApiExample("One event", SAMPLE, request_only=True, media_type=EventParser.media_type),
            OpenApiExample("A batch", [SAMPLE], request_only=True, media_type=EventBatchParser.media_type),
        ],
    )
    def post(self, request: Request) -> Response:
        """202 once they are durable; of a batch, what was refused is told beside what was taken."""
        # Its parsers make a list of every body.
        events: Any = request.data
        taken = take_events(self.principal, events)
        if all(result.status == "refused" for result in taken):
            batch = str(request.content_type).startswith(EventBatchParser.media_type)
            raise EventsRefused([_problem(number, result, batch) for number, result in enumerate(taken)])
        return Response({"items": [result.as_dict() for result in taken]}, status=202)


def _problem(number: int, result: Taken, batch: bool) -> dict[str, str]:
    (problem,) = result.as_dict()["problems"]
    return {**problem, "path": f"/{number}{problem['path']}" if batch else problem["path"]}
