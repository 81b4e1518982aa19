"""Keeping the index of what starts an app in step with its current version and status."""

from __future__ import annotations

from collections.abc import Collection

from apps_engine.language.plan import Plan, Trigger
from apps_engine.registry import registry
from apps_engine.services.plans import plans_of
from apps_engine.services.schedules import replace_schedules
from apps_engine.store.models import App, AppVersion, Schedule, Subscription
from decommerce.community.outbox import app_event_type

QUEUE = "queue"
EVENT_TYPES = frozenset({"event", "delayed"})


def install_triggers(app: App, plan: Plan) -> None:
    """Replace the app's subscriptions and schedules by those of its plan. The app is held, or new.

    The schedules of an app that is paused are there too: the tick says of each time that passes that it did.
    """
    listen(app, plan)
    replace_schedules(app, plan.triggers)


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


def trigger_of(plan: Plan, trigger_id: str) -> Trigger:
    """The trigger that was installed under this id; raises LookupError where the version does not have it any more."""
    found = next((trigger for trigger in plan.triggers if trigger.id == trigger_id), None)
    if found is None:
        raise LookupError(f"Its version has no trigger “{trigger_id}”.")
    return found


def queues(trigger: Trigger, plan: Plan) -> bool:
    """Whether what the trigger starts waits for its turn, however long that takes (RUN-01)."""
    return plan.concurrency[trigger.id].mode == QUEUE


def kept_waiting(app: App, plan: Plan | Exception) -> Collection[str]:
    """The triggers that start runs although the platform has paused the app for its failures: these queue (RUN-06)."""
    if app.status != App.Status.ERROR or isinstance(plan, Exception):
        return ()
    return [trigger.id for trigger in plan.triggers if queues(trigger, plan)]


def kept_waiting_of(app: App) -> Collection[str]:
    """The same by the app's newest version. Needs the tenant's scope."""
    if app.status != App.Status.ERROR:
        return ()
    version_id = AppVersion.objects.values_list("pk", flat=True).get(app=app, number=app.version_number)
    return kept_waiting(app, plans_of([version_id])[version_id])


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
