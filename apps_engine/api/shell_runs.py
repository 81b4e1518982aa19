"""The verbs of `manage.py app` for single runs and for many of them (RUN-05, RUN-13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from apps_engine.api.shell import Outcome, Verb, object_of, principal_of
from apps_engine.services.presentation import effect_as_dict, run_as_dict
from apps_engine.services.replays import MOST_AT_ONCE, replay_runs
from apps_engine.services.retries import retry_run, run_again
from apps_engine.services.runs import RunFilter, cancel_run
from apps_engine.services.settling import list_effects, settle_effect
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal


def _with_run(deed: Callable[[Principal, int], Execution], options: Mapping[str, Any]) -> Outcome:
    """Do one thing with one run, and show it."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(run_as_dict(deed(principal, options["run"]), principal, steps=False))


def replay(options: Mapping[str, Any]) -> Outcome:
    """Many runs of an app once more."""
    principal = principal_of(options)
    which = RunFilter(options["state"], options["since"], options["until"], options["error"], after=options["after"])
    with tenant_scope(principal.tenant_id):
        done = replay_runs(
            principal,
            options["name"],
            way="again" if options["again"] else "retry",
            which=which,
            per_minute=options["per_minute"],
            limit=max(1, min(options["limit"], MOST_AT_ONCE)),
        )
    return Outcome(asdict(done), f"{done.refused} of them could not be queued. {done.reason}" if done.refused else "")


def calls(options: Mapping[str, Any]) -> Outcome:
    """The calls of a run to the outside."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome([effect_as_dict(effect, principal) for effect in list_effects(principal, options["run"])])


def settle(options: Mapping[str, Any]) -> Outcome:
    """Say what became of a call of which nobody knows."""
    principal, result = principal_of(options), object_of(options, "result")
    with tenant_scope(principal.tenant_id):
        effect = settle_effect(principal, options["run"], options["call"], options["outcome"], result)
        return Outcome(effect_as_dict(effect, principal))


RUN_VERBS: Mapping[str, Verb] = {
    "cancel": Verb("stop a run", partial(_with_run, cancel_run), ("run", "tenant")),
    "retry": Verb("go on with a run where it failed", partial(_with_run, retry_run), ("run", "tenant")),
    "again": Verb("run again with the newest version", partial(_with_run, run_again), ("run", "tenant")),
    "replay": Verb(
        "retry many runs of an app, or run them again",
        replay,
        ("name", "tenant", "state", "error", "since", "until", "again", "per minute", "limit", "after"),
    ),
    "calls": Verb("list a run's calls to the outside", calls, ("run", "tenant")),
    "settle": Verb("say what became of a call", settle, ("run", "call", "outcome", "tenant", "result")),
}
