"""Letting executions in: as many as the tenant's quota has room for, the others later or not at all (RUN-07)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps_engine.language.instants import format_instant
from apps_engine.language.plan import QUEUE
from apps_engine.runtime.run import RESCHEDULE
from apps_engine.services.decisions import Refusal
from apps_engine.services.overlaps import overlapping, restart
from apps_engine.services.quota_notices import tell_of_used_up
from apps_engine.services.quotas import EXECUTIONS, in_words, is_counted, wanted
from apps_engine.store.claims import Claimed, send_claim_here
from apps_engine.store.inbox import NewExecution, insert_executions, send_executions
from apps_engine.store.quotas import Reserved, Wanted, give_back, reserve, send_reserve
from decommerce.pipelining import pipelined
from decommerce.tenancy.context import current_tenant_id

# Windows that a run over the quota may wait for: longer than a day it is not wanted any more.
MOST_WINDOWS = 24
# So few wait for each round trip; of more, it is seldom known that there is room for all.
FEW = 3
# By tenant, until when there was no room for all.
_full: dict[int, datetime] = {}
SCHEDULED = "scheduled"
_AHEAD = attrgetter("ahead")
OVERLAP = "overlap"
# Sends statements whose answers nobody waits for.
Statements = Callable[[], object]


def _none() -> None:
    """No statements."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An execution to be stored, what its app says of quotas (skip or reschedule), and the event behind it.

    `mode` is what happens where it overlaps another; as a default it waits for its turn. It counts in the window of the
    quota that is so far `ahead` of the present one.
    """

    execution: NewExecution
    on_quota: str
    event_id: str = ""
    mode: str = QUEUE
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Admitted:
    """What was inserted, by number, and the reasons why the rest was not; `claimed` is for the caller to run.

    `lanes` are those of what was inserted.
    """

    ids: list[int]
    refusals: list[Refusal]
    claimed: list[Claimed] = field(default_factory=list)
    lanes: dict[int, str] = field(default_factory=dict)


def admit(candidates: Sequence[Candidate], owner: str = "", alongside: Statements = _none) -> Admitted:
    """Insert what the quota has room for, in order; no round trip more than without a quota while a few find room.

    What is to be rescheduled is put at the start of the next hour after its own that has room. Of a few, those that can
    begin at once are claimed for an `owner` who is named. The statements of `alongside` travel with the insert. Needs
    the tenant's scope.
    """
    out = overlapping([(candidate.execution, candidate.mode) for candidate in candidates])
    refusals = [_overlap(candidate) for place, candidate in enumerate(candidates) if place in out]
    let_in = [candidate for place, candidate in enumerate(candidates) if place not in out]
    admitted = _at_once(let_in, owner, alongside) if _are_few(let_in) else None
    if admitted is None:
        admitted = _within_quota(let_in)
        alongside()
    inserted = set(admitted.ids)
    restart([(one.execution, one.mode) for one in candidates if one.execution.pk in inserted])
    lanes = {one.execution.pk: one.execution.lane for one in let_in}
    return replace(
        admitted, refusals=refusals + admitted.refusals, lanes={number: lanes[number] for number in admitted.ids}
    )


def _are_few(candidates: Sequence[Candidate]) -> bool:
    if not 0 < len(candidates) <= FEW or any(candidate.ahead for candidate in candidates):
        return False
    return is_counted() and not _was_full()


def _within_quota(candidates: Sequence[Candidate]) -> Admitted:
    if not candidates:
        return Admitted([], [])
    if not is_counted():
        return Admitted(insert_executions([candidate.execution for candidate in candidates]), [])
    ids: list[int] = []
    refusals: list[Refusal] = []
    # Everybody locks the windows from the earliest on.
    for ahead, counted in groupby(sorted(candidates, key=_AHEAD), key=_AHEAD):
        admitted = _within_window(list(counted), ahead)
        ids += admitted.ids
        refusals += admitted.refusals
    return Admitted(sorted(ids), refusals)


def _within_window(candidates: Sequence[Candidate], ahead: int) -> Admitted:
    own = _reserve(len(candidates), ahead)
    if not ahead:
        _remember(own, len(candidates))
    over = candidates[own.granted :]
    if over and not ahead:
        tell_of_used_up(own)
    windows = _later([candidate for candidate in over if candidate.on_quota == RESCHEDULE], ahead)
    put_off = {id(candidate) for _, held in windows for candidate in held}
    refusals = [_refusal(candidate, own) for candidate in over if id(candidate) not in put_off]
    ids = _insert(own, candidates[: own.granted])
    for window, held in windows:
        ids += _insert(window, held)
    return Admitted(ids, refusals)


def _was_full() -> bool:
    """Whether the tenant was refused in this window. To try in vain costs more than to ask first."""
    ends_at = _full.get(current_tenant_id())
    return ends_at is not None and timezone.now() < ends_at


def _remember(window: Reserved, asked: int) -> None:
    if window.granted < asked:
        _full[current_tenant_id()] = window.ends_at
    else:
        _full.pop(current_tenant_id(), None)


def _at_once(candidates: Sequence[Candidate], owner: str, alongside: Statements) -> Admitted | None:
    """Reserve, insert and claim in one round trip; None, and nothing was done, where the quota has no room for all."""
    executions = [candidate.execution for candidate in candidates]
    before = ""
    try:
        with pipelined():
            before = transaction.savepoint()
            reserved = send_reserve([_wanted(len(candidates), 0)])
            inserted = send_executions(executions)
            made = [(execution.app_id, execution.trigger_key) for execution in executions]
            claimed = send_claim_here(owner, made) if owner else list
            alongside()
    except IntegrityError:
        if not owner:
            raise
        # Somebody took the key of one of them in this moment.
        transaction.savepoint_rollback(before)
        return _at_once(candidates, "", alongside)
    (window,), ids = reserved(), inserted()
    if window.granted < len(candidates):
        transaction.savepoint_rollback(before)
        for execution in executions:
            execution.pk = None
        return None
    _give_back(window, len(candidates) - len(ids))
    return Admitted(ids, [], claimed())


def _later(candidates: Sequence[Candidate], own: int) -> list[tuple[Reserved, Sequence[Candidate]]]:
    """The windows after their own one, each with what it has room for."""
    windows: list[tuple[Reserved, Sequence[Candidate]]] = []
    rest = candidates
    for ahead in range(own + 1, own + MOST_WINDOWS + 1):
        if not rest:
            break
        window = _reserve(len(rest), ahead)
        held, rest = rest[: window.granted], rest[window.granted :]
        for candidate in held:
            candidate.execution.run_at = max(candidate.execution.run_at, window.starts_at)
        windows.append((window, held))
    return windows


def _reserve(amount: int, ahead: int) -> Reserved:
    (reserved,) = reserve([_wanted(amount, ahead)])
    return reserved


def _wanted(amount: int, ahead: int) -> Wanted:
    return wanted(EXECUTIONS, amount, partly=True, ahead=ahead)


def _insert(window: Reserved, candidates: Sequence[Candidate]) -> list[int]:
    """Insert; what was there already used nothing."""
    ids = insert_executions([candidate.execution for candidate in candidates])
    _give_back(window, len(candidates) - len(ids))
    return ids


def _give_back(window: Reserved, amount: int) -> None:
    if amount:
        give_back(EXECUTIONS, window.starts_at, amount)


def _overlap(candidate: Candidate) -> Refusal:
    execution = candidate.execution
    fire = execution.trigger.get("scheduled_for") if execution.trigger_type == SCHEDULED else None
    details = {} if fire is None else {"scheduled_for": fire}
    return Refusal(execution.app_id, execution.trigger_id, OVERLAP, candidate.event_id, details)


def _refusal(candidate: Candidate, window: Reserved) -> Refusal:
    execution = candidate.execution
    begins_at = window.starts_at if candidate.ahead else None
    sentence = in_words(EXECUTIONS, window.used, window.allowed, window.ends_at, begins_at)
    resets_at = format_instant(window.ends_at)
    details = {"quota": EXECUTIONS, "allowed": window.allowed, "resets_at": resets_at, "sentence": sentence}
    return Refusal(execution.app_id, execution.trigger_id, "quota", candidate.event_id, details)
