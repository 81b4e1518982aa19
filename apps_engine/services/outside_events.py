"""Events that other programs send over HTTP: checked one by one, then taken in like any other (TRG-08).

A program may tell what the catalogue knows, in the tenant of its key and under a source of its own. It cannot speak for
the platform or for an app, and cannot say which apps led to an event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps_engine.language.jsontext import dumps
from apps_engine.language.problems import Problem
from apps_engine.language.suggestions import did_you_mean
from apps_engine.registry import registry
from apps_engine.services.envelopes import BadEnvelope, Envelope, read_envelope
from apps_engine.services.ingest import Ingested, ingest_envelopes
from decommerce.community.outbox import PLATFORM_SOURCES, is_app_event, is_platform_source
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.event_sources import Sources, sources_of
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal

MOST_EVENTS = 100
LARGEST_EVENT = 65_536
_HINTS: Mapping[str, str] = {
    "bad_specversion": "Set “specversion” to “1.0”.",
    "bad_payload": "Compare the data with the sample of the event: GET /api/v1/catalogue, or docs/events.md.",
    "bad_data": "Put the facts of the event into “data”, as a JSON object.",
    "bad_time": "Leave “time” out to mean now.",
}


class BatchRefused(PlatformError):
    """The number of events is not acceptable."""

    code = "bad_batch"
    status = 422


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one event. `duplicate`: its source has sent its id before, and nothing happens again."""

    id: str | None
    source: str | None
    status: Literal["accepted", "duplicate", "refused"]
    problem: Problem | None = None

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        problems = [] if self.problem is None else [self.problem.as_dict()]
        return {"id": self.id, "source": self.source, "status": self.status, "problems": problems}


def take_events(principal: Principal, events: Sequence[Any]) -> list[Taken]:
    """Take in a batch of CloudEvents of the principal's tenant; a result for each, in their order.

    What is accepted is durable when the transaction commits. Needs the tenant's scope; raises BatchRefused.
    """
    principal.require("events:write")
    if not 1 <= len(events) <= MOST_EVENTS:
        raise BatchRefused(f"A batch has 1 to {MOST_EVENTS} events, not {len(events)}.", hint="Send several batches.")
    slug = Tenant.objects.values_list("slug", flat=True).get(pk=principal.tenant_id)
    sources = sources_of(principal)
    checked = [_checked(event, slug, sources) for event in events]
    outcome = Ingested()
    good = [envelope for envelope in checked if isinstance(envelope, Envelope)]
    if good:
        ingest_envelopes(good, outcome)
    return [_taken(event, result, outcome.new) for event, result in zip(events, checked, strict=True)]


def _taken(event: Any, result: Envelope | Problem, new: set[tuple[str, str]]) -> Taken:
    if isinstance(result, Problem):
        return Taken(_told(event, "id"), _told(event, "source"), "refused", result)
    key = (result.source, result.dedupe_key)
    if key not in new:
        return Taken(result.id, result.source, "duplicate")
    # The same event once more in this batch is a duplicate.
    new.remove(key)
    return Taken(result.id, result.source, "accepted")


def _checked(event: Any, slug: str, sources: Sources) -> Envelope | Problem:
    if len(dumps(event).encode()) > LARGEST_EVENT:
        return Problem(
            "", "event_too_large", f"An event has at most {LARGEST_EVENT // 1024} KiB.", "Send less in “data”."
        )
    try:
        envelope = read_envelope({"tenantid": slug, **event} if isinstance(event, Mapping) else event)
    except BadEnvelope as bad:
        return Problem(bad.path, bad.code, bad.message, _hint(bad, event))
    return _not_theirs(envelope, slug, sources) or envelope


def _not_theirs(envelope: Envelope, slug: str, sources: Sources) -> Problem | None:
    """What a program outside may not say of its event."""
    if envelope.tenant != slug:
        message = "An event of this key belongs to the community of the key."
        return Problem("/tenantid", "wrong_tenant", message, "Leave “tenantid” out.")
    if is_platform_source(envelope.source):
        message = f"Sources that begin with {PLATFORM_SOURCES} are the platform's own."
        return Problem("/source", "source_refused", message, "Name your program, such as /billing.")
    if refusal := sources.refusal(envelope.source):
        hint = f"Send from {sources.own}." if sources.own else "Send from a source of your own, such as /shop."
        return Problem("/source", "source_refused", refusal, hint)
    if is_app_event(envelope.type):
        message = "Only apps send events of apps."
        return Problem("/type", "app_event_refused", message, "Send an event of the catalogue.")
    if envelope.chain:
        message = "Only the platform knows which apps led to an event."
        return Problem("/chain", "chain_refused", message, "Leave “chain” out.")
    return None


def _hint(bad: BadEnvelope, event: Any) -> str:
    if bad.code == "unknown_event":
        return did_you_mean(str(event.get("type")), registry.events) or "See GET /api/v1/catalogue."
    return _HINTS.get(bad.code, "")


def _told(event: Any, name: str) -> str | None:
    value = event.get(name) if isinstance(event, Mapping) else None
    return value[:200] if isinstance(value, str) else None
