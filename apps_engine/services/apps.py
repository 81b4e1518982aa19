"""The life of an app: create, change, pause, resume, delete. The one door for REST, MCP, chat and the shell."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps_engine.language.key_order import in_order_of
from apps_engine.language.limits import AUTOMATION, limit
from apps_engine.language.parse import parse
from apps_engine.services.adoption import adopt, keep_pace
from apps_engine.services.backlog import RESUMED, counted
from apps_engine.services.counting import count_cancelled
from apps_engine.services.definitions import Source, accepted, refuse_cycles
from apps_engine.services.errors import AppNotFound, NameTaken, TooManyApps, VersionConflict
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import plan_of
from apps_engine.services.schedules import hold_schedules, pass_over
from apps_engine.services.tool_changes import tell_of_tool
from apps_engine.services.triggers import install_triggers, kept_waiting_of, remove_triggers, stop_listening
from apps_engine.services.webhook_addresses import keep_addresses, remove_addresses
from apps_engine.store.models import App, AppVersion, Execution
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.principal import Principal

MOST_APPS = limit(AUTOMATION, "apps_per_tenant") or 0
MOST_HINTED = 100
LONGEST_NAME = 120
LIVING = (App.Status.ACTIVE, App.Status.PAUSED, App.Status.ERROR)


def create_app(principal: Principal, source: Source) -> App:
    """Validate, store and activate an app; raises DefinitionRefused with every problem (APP-01)."""
    principal.require("apps:write")
    definition = accepted(principal, source)
    _serialise_app_changes()
    if App.objects.filter(status__in=LIVING).count() >= MOST_APPS:
        raise TooManyApps(f"This community has {MOST_APPS} apps, the most it may have.", hint="Delete one first.")
    _refuse_taken_name(definition["name"])
    refuse_cycles(definition, source, None)
    enabled = definition.get("settings", {}).get("enabled", True)
    app = App.objects.create(
        **_described(definition),
        status=App.Status.ACTIVE if enabled else App.Status.PAUSED,
        owner_id=principal.user_id,
        created_by=principal.label,
        updated_by=principal.label,
    )
    _add_version(principal, app, definition, source)
    record_audit(principal, "app.created", f"app:{app.pk}", {"name": app.name, "version": 1})
    return app


def update_app(principal: Principal, app_id: int | str, source: Source, *, expected_version: int | None = None) -> App:
    """Store a new version and run it from now on; a run keeps the version it began with (APP-06)."""
    principal.require("apps:write")
    definition = accepted(principal, source)
    app = _app_to_change(principal, app_id)
    _refuse_other_version(app, expected_version)
    if definition["name"] != app.name:
        _refuse_taken_name(definition["name"])
    refuse_cycles(definition, source, app.pk)
    pass_over(app, kept_waiting_of(app))
    described = _described(definition)
    for field, value in described.items():
        setattr(app, field, value)
    app.version_number += 1
    app.updated_by = principal.label
    app.save(update_fields=[*described, "version_number", "updated_by", "updated_at"])
    _add_version(principal, app, definition, source)
    tell_of_tool(app)
    record_audit(principal, "app.updated", f"app:{app.pk}", {"name": app.name, "version": app.version_number})
    return app


def pause_app(principal: Principal, app_id: int | str, reason: str = "") -> App:
    """Stop the app: no new step starts once this is committed (APP-03). Pausing twice changes nothing."""
    principal.require("apps:write")
    app = _app_to_change(principal, app_id)
    if app.status != App.Status.PAUSED:
        _change_status(principal, app, App.Status.PAUSED, reason)
        stop_listening(app)
        record_audit(principal, "app.paused", f"app:{app.pk}", {"reason": reason})
    return app


def resume_app(principal: Principal, app_id: int | str) -> App:
    """Start the app again: its triggers are restored and runs that waited go on, which `going_on` tells.

    Those that never began take the newest version, where it starts them as their own did; those of a replay begin at
    its rate.
    Why the platform paused it is kept until a run has succeeded, which is then told (RUN-06).
    """
    principal.require("apps:write")
    app = _app_to_change(principal, app_id)
    if app.status != App.Status.ACTIVE:
        pass_over(app, kept_waiting_of(app))
        app.consecutive_errors = 0
        reason = app.status_reason if app.status == App.Status.ERROR else ""
        _change_status(principal, app, App.Status.ACTIVE, reason)
        version = current_version(app)
        install_triggers(app, plan_of(version.pk))
        adopt(app, version)
        keep_pace(app)
        record_audit(principal, RESUMED, f"app:{app.pk}", counted(app))
        waiting = Execution.objects.filter(app=app, state=Execution.State.QUEUED, run_at__lte=timezone.now())
        # The sweep finds those beyond these first ones.
        hint_runs(dict(waiting.order_by("pk").values_list("pk", "lane")[:MOST_HINTED]))
    return app


def delete_app(principal: Principal, app_id: int | str, *, expected_version: int | None = None) -> App:
    """Stop the app for ever; its runs stay readable (APP-07). Raises VersionConflict where it is another version."""
    principal.require("apps:write")
    app = _app_to_change(principal, app_id)
    _refuse_other_version(app, expected_version)
    _change_status(principal, app, App.Status.DELETED, "")
    remove_triggers(app)
    remove_addresses(app)
    waiting = (Execution.State.QUEUED, Execution.State.PAUSED)
    ended = {"state": Execution.State.CANCELLED, "finished_at": timezone.now()}
    count_cancelled(Execution.objects.filter(app=app, state__in=waiting).update(**ended))
    record_audit(principal, "app.deleted", f"app:{app.pk}", {"name": app.name})
    return app


def list_apps(principal: Principal, *, status: str | None = None, search: str = "") -> QuerySet[App]:
    """The tenant's apps, newest first; deleted ones only when asked for by status."""
    principal.require("apps:read")
    apps = App.objects.filter(status=status) if status else App.objects.filter(status__in=LIVING)
    return (apps.filter(name__icontains=search) if search else apps).order_by("-pk")


def get_app(principal: Principal, app_id: int | str) -> App:
    """One app by its number or its name; raises AppNotFound."""
    principal.require("apps:read")
    apps = App.objects.exclude(status=App.Status.DELETED)
    by_number = isinstance(app_id, int) or app_id.isdecimal()
    app = apps.filter(pk=int(app_id)).first() if by_number and len(str(app_id)) < 19 else None
    if app is None and isinstance(app_id, str):
        app = apps.filter(name=app_id).first()
    if app is None:
        raise _no_app(app_id)
    return app


def hold_app(app_id: int) -> App | None:
    """The app as nobody else changes it before the transaction ends, None if it is deleted. Needs the tenant's scope.

    Whoever changes an app takes these locks first and in this order, or two changes wait for each other.
    """
    _serialise_app_changes()
    return _held(app_id)


def current_version(app: App) -> AppVersion:
    """The version that new runs use."""
    return AppVersion.objects.get(app=app, number=app.version_number)


def definition_of(version: AppVersion) -> dict[str, Any]:
    """The definition of a version, its keys in the order in which their author wrote them."""
    ordered: dict[str, Any] = in_order_of(version.definition, parse(version.source).definition)
    return ordered


def list_versions(principal: Principal, app_id: int | str) -> QuerySet[AppVersion]:
    """Every version, newest first."""
    app = get_app(principal, app_id)
    return AppVersion.objects.filter(app=app).order_by("-number")


def _app_to_change(principal: Principal, app_id: int | str) -> App:
    """One app by its number or its name, held as by `hold_app`; raises AppNotFound."""
    _serialise_app_changes()
    app = _held(get_app(principal, app_id).pk)
    if app is None:
        raise _no_app(app_id)
    return app


def _held(app_id: int) -> App | None:
    # A tick that has the schedules may wait for a run of this app, and the run, as it ends, for the app's row.
    hold_schedules(app_id)
    # Read again under the lock: a worker may have paused it, and counts what it runs.
    return App.objects.select_for_update(no_key=True).filter(pk=app_id).exclude(status=App.Status.DELETED).first()


def _no_app(app_id: int | str) -> AppNotFound:
    return AppNotFound(f"There is no app “{app_id}”.", hint="List the apps to see their numbers and names.")


def _described(definition: dict[str, Any]) -> dict[str, str]:
    return {
        "name": definition["name"],
        "description": definition.get("description") or "",
        "icon": definition.get("icon") or "",
    }


def _add_version(principal: Principal, app: App, definition: dict[str, Any], source: Source) -> None:
    version = AppVersion.objects.create(
        app=app,
        number=app.version_number,
        definition=definition,
        source=source if isinstance(source, dict) else definition,
        author_id=principal.user_id,
        created_by=principal.label,
    )
    plan = plan_of(version.pk)
    install_triggers(app, plan)
    keep_addresses(app, plan)


def _change_status(principal: Principal, app: App, status: str, reason: str) -> None:
    app.status = status
    app.status_reason = reason[:300]
    app.updated_by = principal.label
    app.save(update_fields=["status", "status_reason", "updated_by", "updated_at", "consecutive_errors"])
    tell_of_tool(app)


def _refuse_other_version(app: App, expected: int | None) -> None:
    if expected is not None and expected != app.version_number:
        raise VersionConflict(
            f"“{app.name}” is at version {app.version_number} by now, not {expected}.",
            hint="Fetch it again and repeat the change.",
        )


def _refuse_taken_name(name: str) -> None:
    if App.objects.filter(name=name).exclude(status=App.Status.DELETED).exists():
        hint = f"Choose another name, such as “{free_name(name)}”, or update that app."
        raise NameTaken(f"There is already an app “{name}”.", hint=hint)


def free_name(name: str) -> str:
    """The name itself, or with the first number that makes it one that no app has. Needs the tenant's scope."""
    if not App.objects.filter(name=name).exclude(status=App.Status.DELETED).exists():
        return name
    room = LONGEST_NAME - len(f" {MOST_APPS + 2}")
    taken = set(App.objects.filter(name__startswith=name[:room]).values_list("name", flat=True))
    return next(free for number in count(2) if (free := f"{name[:room]} {number}") not in taken)


def _serialise_app_changes() -> None:
    """One change of a tenant's set of apps at a time: the limit and the names are counted, not locked by a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('apps'), %s)", [current_tenant_id() % 2**31])
