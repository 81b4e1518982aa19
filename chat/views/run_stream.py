"""A run as it goes on, as server-sent events: the part of its page that changes, whenever it did."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Hashable

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from apps_engine.api.rates import spend
from apps_engine.services.runs import FINAL, get_run
from apps_engine.store.models import Execution, StepResult
from chat.views.access import TeamRequest
from chat.views.runs import run_context
from chat.views.streaming import EVENT_STREAM, for_team
from decommerce.tenancy.threads import in_tenant

LOOK_EVERY_SECONDS = 0.5
ALIVE_EVERY_SECONDS = 15.0
# Whoever still looks after that is reconnected by the browser.
LONGEST_SECONDS = 15 * 60.0


@require_GET
@for_team
async def run_stream(request: TeamRequest, run_id: int) -> HttpResponseBase:
    """Every change of the run from now on; ends with the run."""
    await in_tenant(request.principal, _open, request, run_id)
    response = StreamingHttpResponse(_events(request, run_id), content_type=EVENT_STREAM)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _events(request: TeamRequest, run_id: int) -> AsyncIterator[str]:
    begun = last = time.monotonic()
    seen: Hashable = None
    while time.monotonic() - begun < LONGEST_SECONDS:
        mark, html, is_over = await in_tenant(request.principal, _look, request, run_id, seen)
        if mark != seen:
            seen, last = mark, time.monotonic()
            yield f"event: part\ndata: {json.dumps(html)}\n\n"
        elif time.monotonic() - last > ALIVE_EVERY_SECONDS:
            last = time.monotonic()
            yield ": alive\n\n"
        if is_over:
            yield "event: done\ndata: {}\n\n"
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _open(request: TeamRequest, run_id: int) -> None:
    """Count the request, and see that there is such a run."""
    spend(request.principal, "read")
    get_run(request.principal, run_id)


def _look(request: TeamRequest, run_id: int, seen: Hashable) -> tuple[Hashable, str, bool]:
    """A mark of how far the run is; its part of the page where the mark is another one; whether it is over."""
    runs = Execution.objects.filter(pk=run_id)
    state, attempt, progress = runs.values_list("state", "attempt", "progress").get()
    steps = StepResult.objects.filter(execution_id=run_id).count()
    mark = (state, attempt, json.dumps(progress), steps)
    if mark == seen:
        return mark, "", state in FINAL
    html = render_to_string("chat/run_now.html", run_context(request, run_id), request)
    return mark, html, state in FINAL
