"""Keeping the index of what starts an app in step with its current version and status."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps_engine.language.cron import next_fires
from apps_engine.language.plan import Plan, Trigger
from apps_engine.registry import registry
from apps_engine.store.models import App, Schedule, Subscription
from decommerce.community.outbox import app_event_type

QUEUE = "queue"
EVENT_TYPES = frozenset({"event", "delayed"})


def install_triggers(app: App, plan: Plan) -> None:
    """Replace the app's subscriptions and schedules by those of its plan.

    The schedules of an app that is paused are there too: the tick says of each time that passes that it did.
    """
    listen(app, plan)
    Schedule.objects.filter(app=app).delete()
    now = timezone.now()
    Schedule.objects.bulk_create(
        [_schedule(app, trigger, now) for trigger in plan.triggers if trigger.cron is not None]
    )


def listen(app: App, plan: Plan) -> None:
    """Replace the app's subscriptions by those of its plan; a paused app has none.

    One that the platform paused for its failures still hears for the triggers whose runs queue: nobody chose to miss
    those, so they wait until it is resumed (RUN-06).
    """
    stop_listening(app)
    heard = [trigger for trigger in plan.triggers if trigger.type in EVENT_TYPES and _may_listen(trigger, plan)]
    if app.status != App.Status.ACTIVE:
        missed = app.status == App.Status.ERROR
        heard = [trigger for trigger in heard if missed and queues(trigger, plan)]
    Subscription.objects.bulk_create(
        [Subscription(app=app, trigger_id=trigger.id, event=event_type(trigger)) for trigger in heard]
    )


def queues(trigger: Trigger, plan: Plan) -> bool:
    """Whether what the trigger starts waits for its turn, however long that takes (RUN-01)."""
    return plan.concurrency[trigger.id].mode == QUEUE


def stop_listening(app: App) -> None:
    """No event starts the app any more."""
    Subscription.objects.filter(app=app).delete()


def remove_triggers(app: App) -> None:
    """Nothing starts the app any more."""
    stop_listening(app)
    Schedule.objects.filter(app=app).delete()


def event_type(trigger: Trigger) -> str:
    """The type of the events that the trigger means: the platform's own of that name, or else an app's."""
    name = trigger.event or ""
    return name if name in registry.events else app_event_type(name)


def _may_listen(trigger: Trigger, plan: Plan) -> bool:
    """An app hears of the platform's events, and of those events of apps for which it asks (TRG-10)."""
    return trigger.event in registry.events or trigger.event in plan.permissions["subscribes"]


def _schedule(app: App, trigger: Trigger, now: datetime) -> Schedule:
    cron = trigger.cron or ""
    fires = next_fires(cron, trigger.timezone, now, 1)
    return Schedule(
        app=app,
        trigger_id=trigger.id,
        cron=cron,
        timezone=trigger.timezone,
        catch_up_seconds=trigger.catch_up_seconds,
        next_fire_at=fires[0] if fires else None,
    )
