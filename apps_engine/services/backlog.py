"""What happens to the runs that wait while an app is paused, in words (APP-03)."""

from __future__ import annotations

from apps_engine.services.adoption import never_began
from apps_engine.services.triggers import kept_waiting_of
from apps_engine.store.models import App, Execution, Schedule, Subscription, WebhookAddress
from decommerce.tenancy.models import AuditEntry

RESUMED = "app.resumed"
PAUSED = (App.Status.PAUSED, App.Status.ERROR)
MEANWHILE = "Whatever would start it meanwhile starts nothing; why-not says so of each event, its reasons of schedules."
CALLED = "Who calls its webhooks meanwhile gets a 409, which says to call again."
QUEUEING = (
    "What would start it meanwhile queues a run, which waits too; schedules that pass do so where their runs queue."
)


def backlog_of(app: App) -> str | None:
    """One text for an app that is paused, None for any other. Needs the tenant's scope."""
    if app.status not in PAUSED:
        return None
    count = Execution.objects.filter(app=app, state__in=(Execution.State.QUEUED, Execution.State.RUNNING)).count()
    meanwhile = meanwhile_of(app)
    if count == 0:
        return f"No run of it waits. {meanwhile}"
    waiting = "One run waits and goes on" if count == 1 else f"{count} runs wait and go on"
    return f"{waiting} when it is resumed{_taking(app)}. {meanwhile}"


def meanwhile_of(app: App) -> str:
    """What becomes of what would start the app while it is paused. Needs the tenant's scope."""
    waiting = kept_waiting_of(app)
    addresses = list(WebhookAddress.objects.filter(app=app).values_list("trigger_id", flat=True))
    schedules = Schedule.objects.filter(app=app, trigger_id__in=waiting)
    if Subscription.objects.filter(app=app).exists() or schedules.exists() or set(waiting).intersection(addresses):
        return QUEUEING
    return f"{MEANWHILE} {CALLED}" if addresses else MEANWHILE


def _taking(app: App) -> str:
    if not never_began(app).exclude(version__number=app.version_number).exists():
        return ""
    return f"; what never began takes version {app.version_number} where that starts it the same way"


def counted(app: App) -> dict[str, int]:
    """How many runs wait as the app is resumed, and how many of them are of its newest version; kept in the audit log.

    Needs the tenant's scope.
    """
    queued = Execution.objects.filter(app=app, state=Execution.State.QUEUED)
    newest = queued.filter(version__number=app.version_number).count()
    return {"runs": queued.count(), "version": app.version_number, "newest": newest}


def going_on(app: App) -> str:
    """One text for an app that was resumed: what went on then. Needs the tenant's scope."""
    deed = AuditEntry.objects.filter(target=f"app:{app.pk}", verb=RESUMED).order_by("-pk").first()
    told = deed.details if deed is not None else {}
    count = told.get("runs", 0)
    if count == 0:
        return "No run of it waited."
    waited = "One run that waited goes on" if count == 1 else f"{count:,} runs that waited go on"
    return f"{waited}{_with_version(count, told['newest'], told['version'])}."


def _with_version(count: int, newest: int, version: int) -> str:
    if version == 1:
        return ""
    if newest == count:
        return f", with version {version}"
    if newest == 0:
        return f", with the version {'it has' if count == 1 else 'they have'}"
    return f", {newest:,} of them with version {version}"
