"""Calls outside of which nobody knows whether they had their effect: they stay in sight (docs/execution.md 8)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from apps_engine.contracts import ExternalAction, Repeatable
from apps_engine.registry import registry
from apps_engine.services.engine.frozen import thaw
from apps_engine.services.notices import tell_admins
from apps_engine.store.effects import settle
from apps_engine.store.models import App, Effect


def leave_in_doubt(execution_id: int, app_id: int, fence: int) -> None:
    """The run is over, and with it the wait for the calls that it left claimed: they are unknown from here on.

    A retry of the run makes them again where their action allows it. What only reads is in no doubt: it failed.
    """
    claimed = Effect.objects.select_for_update().filter(execution_id=execution_id, state=Effect.State.CLAIMED)
    left = list(claimed.order_by("idem_key"))
    for effect in left:
        effect.state = Effect.State.FAILED if _only_reads(effect) else Effect.State.UNKNOWN
    settle(left, fence)
    tell_of_doubt(app_id, left)


def tell_of_doubt(app_id: int, effects: Iterable[Effect]) -> None:
    """Have the admins hear of the first call of which nobody knows, once a day for each app."""
    effect = next((effect for effect in effects if effect.state == Effect.State.UNKNOWN), None)
    if effect is None:
        return
    app = App.objects.get(pk=app_id)
    today = timezone.now().date().isoformat()
    body = (
        f"Nobody knows whether the call “{effect.action}” of run {effect.execution_id} had its effect. It is not made "
        "again by itself: look at the other side, then settle it on the run's page."
    )
    tell_admins(app, f"“{app.name}” made a call that may have been lost", body, key=f"unknown:{app.pk}:{today}")


def _only_reads(effect: Effect) -> bool:
    plugin = registry.actions.get(effect.action)
    return isinstance(plugin, ExternalAction) and plugin.repeats(thaw(effect)) is Repeatable.SAFELY
