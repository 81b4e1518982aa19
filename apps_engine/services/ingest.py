"""Events in: inbox, matching, executions and decisions in one commit per tenant (docs/execution.md 1, TRG-08).

The caller acknowledges a message only after this returned. A duplicate changes nothing; what is no event of any tenant
goes to the dead letters with the reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from django.db import transaction

from apps_engine.language.errors import LanguageError
from apps_engine.language.plan import Plan, Trigger
from apps_engine.services.admission import Candidate, admit
from apps_engine.services.decisions import (
    Refusal,
    chain_refusal,
    event_scope,
    failed_clause,
    filter_failure,
    outdated,
    record_decisions,
)
from apps_engine.services.enqueue import execution_of, starts_of
from apps_engine.services.envelopes import BadEnvelope, Envelope, read_envelope
from apps_engine.services.hints import hint_runs
from apps_engine.services.listening import Listening, listening_by
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.services.straight import is_short
from apps_engine.services.triggers import trigger_of
from apps_engine.store.claims import Claimed
from apps_engine.store.inbox import send_events, wait_for_the_disk
from apps_engine.store.letters import add_letter
from apps_engine.store.listeners import Listener, send_stamps
from apps_engine.store.models import EventInbox
from decommerce.community.outbox import is_platform_source, settle
from decommerce.failpoints import reached
from decommerce.operations.metrics import EVENTS
from decommerce.pipelining import pipelined
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant

TENANTS_KEPT = 4096
# Who waits longer for a lock gives up, before the database says that the statement took too long: that would be about
# the events. The locks of a worker that is frozen are gone by then.
LOCK_SECONDS = 40.0
# Of so many triggers whose filter an event does not meet, the clause is stored.
MOST_EXPLAINED = 500
# A lone event that starts more runs than these has them run by the workers.
MOST_HERE = 3


@dataclass(slots=True)
class Ingested:
    """What became of a batch; `new` has the source and the dedupe key of each event that was not there before.

    `claimed` are those of the executions that the caller is to run.
    """

    accepted: int = 0
    duplicates: int = 0
    dead: int = 0
    executions: list[int] = field(default_factory=list)
    claimed: list[Claimed] = field(default_factory=list)
    new: set[tuple[str, str]] = field(default_factory=set)


def ingest(messages: Sequence[Any], owner: str = "") -> Ingested:
    """Take in a batch of CloudEvents envelopes; raises only when the database cannot be reached.

    An `owner` who is named runs the short runs of a lone event itself: they are claimed for it with the same commit.
    """
    outcome = Ingested()
    by_tenant: dict[str, list[Envelope]] = defaultdict(list)
    for message in messages:
        try:
            envelope = read_envelope(message)
        except BadEnvelope as bad:
            bury(message, bad.code, bad.message)
            outcome.dead += 1
        else:
            by_tenant[envelope.tenant].append(envelope)
    for slug, envelopes in by_tenant.items():
        try:
            tenant_id = _tenant_id(slug)
        except Tenant.DoesNotExist:
            for envelope in envelopes:
                bury(envelope.raw, "unknown_tenant", f"There is no tenant “{slug}”.")
            outcome.dead += len(envelopes)
            continue
        with ExitStack() as scope:
            with pipelined():
                scope.enter_context(tenant_scope(tenant_id, boundary="ingest", patience=LOCK_SECONDS))
                arriving = _Arriving(envelopes)
            _take_in(arriving, outcome, owner if len(messages) == 1 else "")
    for name in ("accepted", "duplicates", "dead"):
        EVENTS.labels(name).inc(getattr(outcome, name))
    return outcome


@lru_cache(maxsize=TENANTS_KEPT)
def _tenant_id(slug: str) -> int:
    """A tenant's slug is for ever, so it is looked up once; raises Tenant.DoesNotExist, which is not remembered."""
    return int(Tenant.objects.values_list("pk", flat=True).get(slug=slug))


def bury(message: Any, code: str, reason: str, content_type: str = "") -> None:
    """Keep a message that is no event, with the reason, for an operator to read."""
    with transaction.atomic():
        add_letter(message, code, reason, content_type)
        reached("dead_letter.committing")
    reached("dead_letter.committed")


def ingest_envelopes(envelopes: Sequence[Envelope], outcome: Ingested) -> None:
    """Take in checked envelopes of the tenant in scope, in its transaction."""
    with pipelined():
        arriving = _Arriving(envelopes)
    _take_in(arriving, outcome)


class _Arriving:
    """Envelopes on their way into the inbox, in a pipeline, and the question who listens to them."""

    def __init__(self, envelopes: Sequence[Envelope]) -> None:
        self.envelopes = envelopes
        self.events = send_events(envelopes)
        # Nobody else's event has a row in the outbox, whatever number it gives itself.
        settle([envelope.id for envelope in envelopes if is_platform_source(envelope.source)])
        self.stamps = send_stamps({envelope.type for envelope in envelopes})


def _take_in(arriving: _Arriving, outcome: Ingested, owner: str = "") -> None:
    envelopes, events = arriving.envelopes, arriving.events()
    outcome.accepted += len(events)
    outcome.new.update((event.source, event.dedupe_key) for event in events)
    if len(events) < len(envelopes):
        outcome.duplicates += len(envelopes) - len(events)
        wait_for_the_disk()
    if not events:
        return
    starts, refusals = _match(events, listening_by(arriving.stamps()))
    here = owner if _are_short(starts) else ""
    admitted = admit(starts, here, alongside=partial(record_decisions, refusals))
    record_decisions(admitted.refusals)
    outcome.executions += admitted.ids
    outcome.claimed += admitted.claimed
    claimed = {work.id for work in admitted.claimed}
    hint_runs({number: lane for number, lane in admitted.lanes.items() if number not in claimed})


def _are_short(starts: Sequence[Candidate]) -> bool:
    """Whether these are a few short runs, such as whoever took in their event can make on the spot."""
    runs = [start.execution for start in starts]
    return len(runs) <= MOST_HERE and all(is_short(plan_of(run.version_id), run.flow) for run in runs)


def _match(events: Sequence[EventInbox], heard: Mapping[str, Listening]) -> tuple[list[Candidate], list[Refusal]]:
    candidates: list[Candidate] = []
    refusals: list[Refusal] = []
    judged: dict[str, list[_Judged]] = defaultdict(list)
    for event in events:
        if event.type not in heard:
            continue
        data = event_scope(event)
        matching = heard[event.type].index.candidates(data)
        judged[event.type].append(_Judged(event, data, matching))
        for listener in matching:
            started, refused = started_by(listener, event, data)
            candidates += started
            refusals += refused
    for name, those in judged.items():
        refusals += _kept_out(heard[name], those)
    return candidates, refusals


@dataclass(frozen=True, slots=True)
class _Judged:
    """An event, what filters see of it, and whom it starts by the index."""

    event: EventInbox
    data: dict[str, Any]
    matching: Sequence[Listener]


def _kept_out(heard: Listening, judged: Sequence[_Judged]) -> Iterator[Refusal]:
    """Why these events of one kind did not start who listens: the clause that failed for the latest that was kept out.

    As many as anyone will read of; `why_not` judges any of them anew.
    """
    started = Counter(listener for one in judged for listener in one.matching)
    kept_out = (listener for listener in heard.filters if started[listener] < len(judged))
    unexplained = set(islice(kept_out, MOST_EXPLAINED))
    for one in reversed(judged):
        here = unexplained.difference(one.matching)
        unexplained -= here
        for listener in here:
            failure = filter_failure(heard.filters[listener], one.data, one.event.received_at)
            if failure is not None:
                details, times = failed_clause(failure), len(judged) - started[listener]
                event_id = one.event.event_id
                yield Refusal(listener.app_id, listener.trigger_id, "filtered", event_id, details, times)
        if not unexplained:
            return


def started_by(listener: Listener, event: EventInbox, data: dict[str, Any]) -> tuple[list[Candidate], list[Refusal]]:
    """What one event starts for a trigger that it may start, and why not."""
    try:
        plan = plan_of(listener.version_id)
        trigger = trigger_of(plan, listener.trigger_id)
    except OUTDATED as error:
        return [], [outdated(listener.app_id, listener.trigger_id, error, event.event_id)]
    refusal = _refusal(listener.app_id, plan, trigger, event, data)
    if refusal is not None:
        return [], [refusal]
    candidates: list[Candidate] = []
    refusals: list[Refusal] = []
    for start in starts_of(trigger, event, data):
        try:
            execution = execution_of(listener.app_id, listener.version_id, plan, start)
        except LanguageError as error:
            refusals.append(_invalid(listener.app_id, trigger, event, error))
            continue
        candidates.append(Candidate(execution, plan.on_quota, event.event_id, plan.concurrency[trigger.id].mode))
    return candidates, refusals


def _refusal(app_id: int, plan: Plan, trigger: Trigger, event: EventInbox, data: dict[str, Any]) -> Refusal | None:
    chain = chain_refusal(app_id, plan, event)
    if chain is not None:
        return Refusal(app_id, trigger.id, "chain", event.event_id, chain)
    try:
        failure = filter_failure(trigger.filter, data, event.received_at)
    except LanguageError as error:
        return _invalid(app_id, trigger, event, error)
    if failure is not None:
        return Refusal(app_id, trigger.id, "filtered", event.event_id, failed_clause(failure))
    return None


def _invalid(app_id: int, trigger: Trigger, event: EventInbox, error: LanguageError) -> Refusal:
    return Refusal(app_id, trigger.id, "invalid", event.event_id, {"code": error.code, "message": error.message})
