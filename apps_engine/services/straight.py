"""Which flows are short enough to be run on the spot, or together with others (docs/decisions/0006-batches.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from apps_engine.contracts import LocalAction
from apps_engine.language.plan import Act, Branch, Fetch, Plan, Step, Transform
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.registry import registry
from apps_engine.services.deprecations import gone_features
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.store.batches import Line
from decommerce.tenancy.context import tenant_scope

FLOWS_KEPT = 4096


def is_short(plan: Plan, flow: str) -> bool:
    """Whether a run of the flow only takes a few steps in the database: it calls, fetches and waits for nothing.

    Nor does it work through lists, which are as long as whoever sent the event made them.
    """
    steps = every_step(plan.flows[flow].steps) if flow in plan.flows else ()
    return all(_is_quick(step) for step in steps)


def _is_quick(step: Step) -> bool:
    if isinstance(step, Transform):
        return not TRANSFORMS[step.op].takes_rows
    return isinstance(step, Branch) or (isinstance(step, Act) and step.local)


def may_batch(line: Line) -> bool:
    """Whether runs of this line may share a transaction: short and local, and none sees what another one does."""
    return _may_batch(line.tenant_id, line.version_id, line.flow, line.exclusive, gone_features())


@lru_cache(maxsize=FLOWS_KEPT)
def _may_batch(tenant_id: int, version_id: int, flow: str, exclusive: bool, _features_gone: frozenset[str]) -> bool:
    with tenant_scope(tenant_id):
        try:
            plan = plan_of(version_id)
        except OUTDATED:
            # Each run of it says so by itself.
            return False
    if flow not in plan.flows:
        return False
    steps = list(every_step(plan.flows[flow].steps))
    if not all(_fits(step, exclusive) for step in steps):
        return False
    written = [table for step in steps if isinstance(step, Act) for table in registry.actions[step.action].writes]
    # Of one key, each run does everything before the next one begins. Done step by step that is only the same where no
    # action of the flow meets the rows of another.
    return not exclusive or len(written) == len(set(written))


def every_step(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and those in the arms of branches; the bodies of loops are not looked into."""
    for step in steps:
        yield step
        if isinstance(step, Branch):
            yield from every_step(chain.from_iterable(arm.steps for arm in step.arms))


def _fits(step: Step, exclusive: bool) -> bool:
    if isinstance(step, Act):
        plugin = registry.actions.get(step.action)
        shares = isinstance(plugin, LocalAction) and type(plugin).shared is not LocalAction.shared
        return shares and step.once_per is None and not step.remembers
    return isinstance(step, Transform | Branch) or (isinstance(step, Fetch) and not exclusive)
