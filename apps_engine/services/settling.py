"""Saying what became of a call outside of which nobody heard (docs/execution.md 8, RUN-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django.db.models import QuerySet

from apps_engine.services.errors import EffectNotFound, EffectSettled
from apps_engine.services.runs import FINAL, get_run
from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal

Settlement = Literal["done", "failed"]
SETTLEMENTS: tuple[Settlement, ...] = ("done", "failed")


def list_effects(principal: Principal, run_id: int) -> QuerySet[Effect]:
    """The calls of a run to the outside and its `once_per` keys, in the order in which they were claimed."""
    run = get_run(principal, run_id)
    calls = Effect.objects.filter(execution=run).select_related("execution__app", "execution__version")
    return calls.order_by("pk")


def in_doubt(run: Execution) -> list[Effect]:
    """The calls of a run of which nobody knows what became.

    A worker that died left its call claimed; while the run goes on it may yet be heard of.
    """
    states = [Effect.State.UNKNOWN, *((Effect.State.CLAIMED,) if run.state in FINAL else ())]
    return list(Effect.objects.filter(execution=run, state__in=states).order_by("pk"))


def settle_effect(
    principal: Principal,
    run_id: int,
    effect_id: int,
    outcome: Settlement,
    result: Mapping[str, Any] | None = None,
) -> Effect:
    """Settle a call: `done` with what later steps are to see as its result, or `failed`; audited.

    The run stays as it is. When it is retried, a call that is done is not made again and one that failed is. Raises
    EffectNotFound, and EffectSettled where there is no doubt.
    """
    principal.require("apps:run")
    run = get_run(principal, run_id)
    effect = Effect.objects.select_for_update().filter(execution=run, pk=effect_id).first()
    if effect is None:
        raise EffectNotFound(f"Run {run.pk} has no call {effect_id}.", hint="List the run's calls.")
    if effect not in in_doubt(run):
        raise EffectSettled(
            f"This call is {effect.state}.", hint="Only a call of which nobody knows what became is settled by hand."
        )
    done = outcome == "done"
    effect.state = Effect.State.DONE if done else Effect.State.FAILED
    effect.response = dict(result or {}) if done else None
    effect.save(update_fields=["state", "response", "updated_at"])
    details = {"app": run.app_id, "run": run.pk, "path": effect.path, "action": effect.action, "outcome": outcome}
    record_audit(principal, "effect.settled", f"effect:{effect.pk}", details)
    return effect
