"""What happens when a run comes while another of its key waits or is at work (RUN-01).

`skip` keeps the newer one out, `restart` has it take the older one's place; `queue` and `parallel` let it in, and the
claim holds it back. Decided under a lock for each key: of two that come at the same instant the second sees the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from apps_engine.language.plan import RESTART, SKIP
from apps_engine.services.counting import count_cancelled
from apps_engine.services.enqueue import DELAYED
from apps_engine.store.inbox import NewExecution
from apps_engine.store.overlaps import lock_keys, replace_older, taken

DECIDED = frozenset({SKIP, RESTART})
# An execution and the mode of what starts it.
Moded = tuple[NewExecution, str]


def overlapping(batch: Sequence[Moded]) -> set[int]:
    """The places in the batch of runs that are to be left out. Needs the tenant's scope, in a transaction."""
    decided = [(place, execution) for place, (execution, mode) in enumerate(batch) if mode in DECIDED]
    if not decided:
        return set()
    lock_keys([execution for _, execution in decided])
    skipping = [(place, execution) for place, execution in decided if batch[place][1] == SKIP]
    if not skipping:
        return set()
    held = taken([execution for _, execution in skipping])
    left_out: set[int] = set()
    let_in: set[tuple[int, str]] = set()
    for number, (place, execution) in enumerate(skipping):
        key = (execution.app_id, execution.concurrency_key)
        if number in held or key in let_in:
            left_out.add(place)
        elif execution.trigger_type != DELAYED:
            let_in.add(key)
    return left_out


def restart(batch: Sequence[Moded]) -> None:
    """Have inserted runs of apps that restart take the place of older ones, which stop at their next step."""
    now = timezone.now()
    first: dict[tuple[Any, ...], NewExecution] = {}
    for execution, mode in batch:
        if mode == RESTART:
            # The delays of one event are one sequence: none takes another's place.
            delayed = execution.trigger_type == DELAYED
            of_event = execution.trigger_key.rpartition(":")[0] if delayed else execution.trigger_key
            first.setdefault((execution.app_id, execution.concurrency_key, of_event), execution)
    if first:
        newer = [(execution, execution.run_at <= now, _replaced_by(execution)) for execution in first.values()]
        count_cancelled(len(replace_older(newer)))


def _replaced_by(newer: NewExecution) -> dict[str, object]:
    return {
        "code": "replaced",
        "message": f"Run {newer.pk} began anew in this one's place; what this one had done until then stays.",
        "hint": "settings.concurrency.mode is restart; set it to queue to have runs wait for each other.",
        "retryable": False,
    }
