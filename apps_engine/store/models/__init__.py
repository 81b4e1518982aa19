"""What the engine keeps. PostgreSQL is the record of work; the queue only wakes a worker early."""

from apps_engine.store.models.app import App, AppVersion
from apps_engine.store.models.decision import Decision
from apps_engine.store.models.effect import Effect
from apps_engine.store.models.execution import Execution, Lane, StepResult
from apps_engine.store.models.inbox import DeadLetter, EventInbox
from apps_engine.store.models.quota import QuotaOverride, QuotaUse
from apps_engine.store.models.schedule import Schedule
from apps_engine.store.models.shadow import Shadow
from apps_engine.store.models.state import AppState
from apps_engine.store.models.subscription import Subscription
from apps_engine.store.models.webhook import DeliveryCount, WebhookAddress

__all__ = [
    "App",
    "AppState",
    "AppVersion",
    "DeadLetter",
    "Decision",
    "DeliveryCount",
    "Effect",
    "EventInbox",
    "Execution",
    "Lane",
    "QuotaOverride",
    "QuotaUse",
    "Schedule",
    "Shadow",
    "StepResult",
    "Subscription",
    "WebhookAddress",
]
