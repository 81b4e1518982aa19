"""What happens to the runs that wait while an app is paused, in words (APP-03)."""

from __future__ import annotations

from apps_engine.services.webhook_addresses import is_heard
from apps_engine.store.models import App, Execution, Subscription, WebhookAddress

PAUSED = (App.Status.PAUSED, App.Status.ERROR)
MEANWHILE = "Whatever would start it meanwhile starts nothing; why-not says so of each event, its reasons of schedules."
CALLED = "Who calls its webhooks meanwhile gets a 409, which says to call again."
QUEUEING = "What would start it meanwhile queues a run, which waits too; schedules that pass are not made up."


def backlog_of(app: App) -> str | None:
    """One text for an app that is paused, None for any other. Needs the tenant's scope."""
    if app.status not in PAUSED:
        return None
    count = Execution.objects.filter(app=app, state__in=(Execution.State.QUEUED, Execution.State.RUNNING)).count()
    meanwhile = _meanwhile(app)
    if count == 0:
        return f"No run of it waits. {meanwhile}"
    waiting = "One run waits and goes on" if count == 1 else f"{count} runs wait and go on"
    return f"{waiting} when it is resumed. {meanwhile}"


def _meanwhile(app: App) -> str:
    addresses = list(WebhookAddress.objects.filter(app=app).select_related("app"))
    if Subscription.objects.filter(app=app).exists() or any(map(is_heard, addresses)):
        return QUEUEING
    return f"{MEANWHILE} {CALLED}" if addresses else MEANWHILE


def going_on(app: App) -> str:
    """One text for an app that was just resumed. Needs the tenant's scope."""
    count = Execution.objects.filter(app=app, state=Execution.State.QUEUED).count()
    if count == 0:
        return "No run of it waited."
    return "One run that waited goes on." if count == 1 else f"{count} runs that waited go on."
