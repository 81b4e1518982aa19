"""One app: what it does, how it has been doing, and its controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_engine.services.apps import delete_app, get_app, list_versions, pause_app, resume_app
from apps_engine.services.backlog import going_on
from apps_engine.services.events import numbers_of
from apps_engine.services.offering import MANUAL, offer_as_tool
from apps_engine.services.overview import activity
from apps_engine.services.presentation import app_in_full
from apps_engine.services.replays import MOST_FAILED, last_failed_replay, replay_failed, replay_others
from apps_engine.services.retries import RETRYABLE
from apps_engine.services.runs import RunFilter, count_runs, list_runs
from apps_engine.services.upgrades import UpgradeOffer, apply_upgrade, update_needed
from apps_engine.services.verdicts import list_decisions
from apps_engine.services.waits import next_set
from apps_engine.services.webhooks import list_webhooks
from apps_engine.store.models import App, Decision, Shadow
from chat.backtest_words import has_past
from chat.chart import chart_of
from chat.decision_words import reason_in_words
from chat.facts import facts_of
from chat.flow_picture import picture_of
from chat.notices import Notice
from chat.replay_words import failed_in_words, replay_in_words
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from chat.webhook_words import webhook_in_words
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.principal import Principal
from mcp_gateway.own_tools import name_of

RUNS_SHOWN = 10
DECISIONS_SHOWN = 8
REPLAYED = "replayed"
RESUMED = "resumed"


@require_safe
@page_for()
def app(request: TeamRequest, app_id: int) -> HttpResponse:
    """Everything there is to know about an app."""
    return app_page(request, app_id)


def app_page(request: TeamRequest, app_id: int, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of an app, with what a deed has to say on it."""
    principal = request.principal
    found = get_app(principal, app_id)
    full = app_in_full(found)
    decisions = list_decisions(principal, app_id, limit=DECISIONS_SHOWN)
    events = numbers_of([decision.event_id for decision in decisions])
    context = {
        "app": found,
        "full": full,
        "picture": picture_of(full["definition"], full["report"]["starts"]),
        "chart": chart_of(activity(principal, app_id=found.pk).days),
        "facts": facts_of(full["report"], full["definition"]),
        "next_set": next_set(found),
        "runs": list_runs(principal, app_id, limit=RUNS_SHOWN),
        "versions": list_versions(principal, app_id),
        "decisions": [_explained(decision, events.get(decision.event_id)) for decision in decisions],
        "may_read": principal.may("data:read"),
        "update": _update(update_needed(principal, app_id)),
        "may_write": principal.may("apps:write"),
        "may_run": principal.may("apps:run"),
        **_resumed(request, found),
        **_failed(request, found),
        "by_hand": any(trigger["type"] in {MANUAL, "scheduled"} for trigger in full["definition"]["triggers"]),
        "has_past": principal.may("data:read") and has_past(full["definition"]),
        "shadow": Shadow.objects.filter(app=found, ended_at=None).first(),
        "may_be_tool": any(trigger["type"] == MANUAL for trigger in full["definition"]["triggers"]),
        "tool": name_of(found.pk, found.name),
        "webhooks": [webhook_in_words(webhook) for webhook in list_webhooks(principal, app_id)],
        "may_make_secrets": principal.may("admin"),
        **more,
    }
    return show(request, "chat/app.html", context, section="apps", status=status)


@require_POST
@page_for()
def app_deed(request: TeamRequest, app_id: int, deed: str) -> HttpResponse:
    """Pause, resume, delete, upgrade or offer the app, or take its failed runs up again."""
    act = DEEDS.get(deed)
    if act is None:
        raise NotFound("There is no such button.", hint="Go back to the app.")
    return HttpResponseRedirect(act(request.principal, app_id))


def _pause(principal: Principal, app_id: int) -> str:
    pause_app(principal, app_id, f"Paused by {principal.label}")
    return f"{reverse('app', args=[app_id])}?done=paused"


def _resume(principal: Principal, app_id: int) -> str:
    resume_app(principal, app_id)
    return f"{reverse('app', args=[app_id])}?done={RESUMED}"


def _delete(principal: Principal, app_id: int) -> str:
    delete_app(principal, app_id)
    return f"{reverse('apps')}?done=deleted"


def _resumed(request: TeamRequest, found: App) -> dict[str, object]:
    """What a page says that follows on resuming."""
    if request.GET.get("done") != RESUMED or found.status != App.Status.ACTIVE:
        return {}
    return {"notice": Notice(f"The app is active again. {going_on(found)}")}


def _failed(request: TeamRequest, found: App) -> dict[str, object]:
    """How many runs failed, and what a page says that follows on taking them up again."""
    count = count_runs(request.principal, found.pk, RunFilter(states=RETRYABLE), most=MOST_FAILED + 1)
    last = last_failed_replay(found)
    told: dict[str, object] = {"failed": failed_in_words(count) if count else "", "replay": last}
    if last is not None and request.GET.get("done") == REPLAYED:
        told["notice"] = replay_in_words(last, found)
    return told


def _retry_failed(principal: Principal, app_id: int) -> str:
    replay_failed(principal, app_id, way="retry")
    return _replayed(app_id)


def _failed_again(principal: Principal, app_id: int) -> str:
    replay_failed(principal, app_id, way="again")
    return _replayed(app_id)


def _others_again(principal: Principal, app_id: int) -> str:
    """The failed runs that the press before left."""
    replay_others(principal, app_id)
    return _replayed(app_id)


def _replayed(app_id: int) -> str:
    return f"{reverse('app', args=[app_id])}?done={REPLAYED}"


def _offer(principal: Principal, app_id: int) -> str:
    offer_as_tool(principal, app_id, True)
    return f"{reverse('app', args=[app_id])}?done=offered"


def _withdraw(principal: Principal, app_id: int) -> str:
    offer_as_tool(principal, app_id, False)
    return f"{reverse('app', args=[app_id])}?done=withdrawn"


def _upgrade(principal: Principal, app_id: int) -> str:
    apply_upgrade(principal, app_id)
    return f"{reverse('app', args=[app_id])}?done=upgraded"


DEEDS: Mapping[str, Callable[[Principal, int], str]] = {
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
    "retry-failed": _retry_failed,
    "failed-again": _failed_again,
    "others-again": _others_again,
    "upgrade": _upgrade,
    "offer": _offer,
    "withdraw": _withdraw,
}


def _explained(decision: Decision, event: int | None) -> dict[str, object]:
    return {"row": decision, "event": event, "words": reason_in_words(decision.outcome, decision.details)}


def _update(offer: UpgradeOffer | None) -> dict[str, object] | None:
    """What the note about an app that needs updating says."""
    if offer is None:
        return None
    renamed = [(change.before, change.after) for change in offer.upgrade.changes if change.path != "/schema_version"]
    left = [use.deprecation.feature for use in offer.upgrade.left]
    return {"changes": list(dict.fromkeys(renamed)), "left": list(dict.fromkeys(left)), "ready": offer.upgrade.needed}
