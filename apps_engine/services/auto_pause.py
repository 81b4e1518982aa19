"""Pausing an app that keeps failing, and telling its admins, a few times a day at most (RUN-06)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from apps_engine.services.backlog import meanwhile_of
from apps_engine.services.notices import tell_admins
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.services.tool_changes import tell_of_tool
from apps_engine.services.triggers import listen, stop_listening
from apps_engine.store.models import App, AppVersion, Execution
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.models import AuditEntry

PAUSE_AFTER_FAILURES = 5
MOST_NOTICES_A_DAY = 3
VERB = "app.auto_paused"


def pause_after_failures(app_id: int, error: Mapping[str, Any]) -> None:
    """Pause the app if it failed too often in a row and is active still; audited and told. Needs the tenant's scope."""
    # Of runs that fail at the same time one pauses it, and in the version that it has then.
    app = App.objects.select_for_update(no_key=True).get(pk=app_id)
    if app.status != App.Status.ACTIVE or app.consecutive_errors < PAUSE_AFTER_FAILURES:
        return
    app.status = App.Status.ERROR
    app.status_reason = f"Paused after {app.consecutive_errors} failures in a row: {error.get('message', '')}"[:300]
    app.save(update_fields=["status", "status_reason", "updated_at"])
    _suspend(app)
    tell_of_tool(app)
    principal = current_cause().principal
    if principal is not None:
        record_audit(principal, VERB, f"app:{app.pk}", {"reason": app.status_reason})
    _tell(app)


def _suspend(app: App) -> None:
    """Leave of its subscriptions what such a pause leaves: nothing where the version does not compile any more."""
    version = AppVersion.objects.only("pk").get(app=app, number=app.version_number)
    try:
        plan = plan_of(version.pk)
    except OUTDATED:
        stop_listening(app)
    else:
        listen(app, plan)


def _tell(app: App) -> None:
    today = timezone.now().date()
    times = AuditEntry.objects.filter(target=f"app:{app.pk}", verb=VERB, at__date=today).count()
    if times > MOST_NOTICES_A_DAY:
        return
    body = f"{app.status_reason} {_backlog(app)} {meanwhile_of(app)}"
    if times == MOST_NOTICES_A_DAY:
        body += " If it is paused again today, this is not told any more."
    tell_admins(app, f"“{app.name}” was paused", body, key=_key(app, today, times))


def _backlog(app: App) -> str:
    """What becomes of the runs that wait. The one that fails is still at work by its row."""
    waiting = Execution.objects.filter(app=app, state__in=(Execution.State.QUEUED, Execution.State.PAUSED)).count()
    if not waiting:
        return "No run of it waits."
    runs = "One run waits" if waiting == 1 else f"{waiting:,} runs wait"
    return f"{runs}, and {'goes' if waiting == 1 else 'go'} on when you resume it."


def _key(app: App, today: date, times: int) -> str:
    return f"auto-pause:{app.pk}:{today.isoformat()}:{times}"
