"""Rehearsing a draft beside the live version of its app for some days: begin, look, end (RUN-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps_engine.language.compile import compile_definition
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Plan
from apps_engine.registry import registry
from apps_engine.services import webhook_addresses
from apps_engine.services.apps import current_version, get_app, hold_app
from apps_engine.services.definitions import Source, accepted
from apps_engine.services.errors import NothingRecorded, ShadowNotFound, ShadowUnderWay, TooManyShadows
from apps_engine.services.firings import BY_HAND
from apps_engine.services.plans import plan_of
from apps_engine.services.triggers import EVENT_TYPES, event_type
from apps_engine.store.models import Shadow
from apps_engine.store.recorded import newest_number
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal

USUAL_DAYS, MOST_DAYS = 3, 14
MOST_AT_ONCE = 5
NOTE = (
    "Both versions were rehearsed on the same events, after the live one had run: nothing was written and nothing was "
    "sent. Each run is by itself; overlaps and quotas are left out."
)


def begin_shadow(principal: Principal, app_id: int | str, source: Source, *, days: int = USUAL_DAYS) -> Shadow:
    """Rehearse a draft beside an app's live version from now on; audited.

    Raises DefinitionRefused, NothingRecorded where only people start it, ShadowUnderWay and TooManyShadows.
    """
    principal.require("apps:write")
    principal.require("data:read")
    definition = accepted(principal, source)
    hold_app(get_app(principal, app_id).pk)
    app = get_app(principal, app_id)
    draft, live = compile_definition(definition, registry.catalogue), plan_of(current_version(app).pk)
    if not any(trigger.cron or _kinds(plan) for plan in (live, draft) for trigger in plan.triggers):
        raise NothingRecorded(BY_HAND, hint="Try it with a dry run instead.")
    under_way = Shadow.objects.filter(ended_at=None)
    if under_way.filter(app=app).exists():
        raise ShadowUnderWay(f"A draft is beside “{app.name}” already.", hint="End that one first, or wait for it.")
    if under_way.count() >= MOST_AT_ONCE:
        raise TooManyShadows(f"{MOST_AT_ONCE} drafts are beside live versions here.", hint="End one of them first.")
    now = timezone.now()
    shadow = Shadow.objects.create(
        app=app,
        version_number=app.version_number,
        definition=definition,
        author_id=principal.user_id,
        begun_by=principal.label,
        begun_at=now,
        ends_at=now + timedelta(days=min(days, MOST_DAYS)),
        position=newest_number(kinds_of(live, draft), now),
        looked_at=now,
    )
    record_audit(principal, "app.shadow_begun", f"app:{app.pk}", {"name": app.name, "days": days})
    return shadow


def get_shadow(principal: Principal, app_id: int | str) -> Shadow:
    """The draft beside an app, or the last one that was; raises AppNotFound and ShadowNotFound."""
    principal.require("data:read")
    app = get_app(principal, app_id)
    shadow = Shadow.objects.filter(app=app).select_related("app").order_by("-pk").first()
    if shadow is None:
        raise ShadowNotFound(f"No draft was ever beside “{app.name}”.", hint="Begin with a definition.")
    return shadow


def end_shadow(principal: Principal, app_id: int | str) -> Shadow:
    """End it now; audited. Raises ShadowNotFound where none is under way."""
    principal.require("apps:write")
    app = get_app(principal, app_id)
    shadow = Shadow.objects.select_for_update().filter(app=app, ended_at=None).first()
    if shadow is None:
        raise ShadowNotFound(f"No draft is beside “{app.name}”.", hint="It may have ended by itself.")
    shadow.ended_at, shadow.end_reason = timezone.now(), f"Ended by {principal.label}."[:300]
    shadow.save(update_fields=["ended_at", "end_reason"])
    record_audit(principal, "app.shadow_ended", f"app:{app.pk}", {"name": app.name})
    return shadow


def kinds_of(*plans: Plan) -> frozenset[str]:
    """The types of the events that start any of them."""
    return frozenset().union(*map(_kinds, plans))


def _kinds(plan: Plan) -> frozenset[str]:
    platform = {event_type(trigger) for trigger in plan.triggers if trigger.type in EVENT_TYPES}
    called = any(trigger.type == webhook_addresses.TYPE for trigger in plan.triggers)
    return frozenset(platform | ({webhook_addresses.EVENT_TYPE} if called else set()))


def shadow_as_dict(shadow: Shadow) -> dict[str, Any]:
    """What both came to, and by action how often each would have done it."""
    actions = sorted({*shadow.live["counts"], *shadow.draft["counts"]})
    counts = [(name, shadow.live["counts"].get(name, 0), shadow.draft["counts"].get(name, 0)) for name in actions]
    return {
        "app": shadow.app_id,
        "note": NOTE,
        "version": shadow.version_number,
        "begun_by": shadow.begun_by,
        "begun_at": format_instant(shadow.begun_at),
        "ends_at": format_instant(shadow.ends_at),
        "ended_at": format_instant(shadow.ended_at) if shadow.ended_at else None,
        "end_reason": shadow.end_reason or None,
        "looked_at": format_instant(shadow.looked_at),
        "events": shadow.events,
        "left_out": shadow.left_out,
        "live": shadow.live,
        "draft": shadow.draft,
        "actions": [{"action": name, "live": live, "draft": draft} for name, live, draft in counts],
        "definition": shadow.definition,
    }
