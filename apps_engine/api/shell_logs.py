"""The verbs of `manage.py app` for what happened: events, reasons, the audit log (TRG-11, SEC-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.api.shell import Outcome, Verb, principal_of
from apps_engine.services.events import EventFilter, get_event, list_events, runs_started_by
from apps_engine.services.presentation import audit_as_dict, decision_as_dict, event_as_dict, heard_as_dict
from apps_engine.services.verdicts import list_decisions, listeners_of, why_not
from decommerce.tenancy.audit import AuditFilter, list_audit
from decommerce.tenancy.context import tenant_scope


def events(options: Mapping[str, Any]) -> Outcome:
    """The latest events and the runs they started."""
    principal = principal_of(options)
    which = EventFilter(options["type"], since=options["since"], until=options["until"])
    with tenant_scope(principal.tenant_id):
        found = list_events(principal, which, limit=options["limit"])
        runs = runs_started_by(found)
        return Outcome([event_as_dict(event, runs.get(event.pk, ())) for event in found])


def event(options: Mapping[str, Any]) -> Outcome:
    """One event, and what became of it for every app that listens."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        found = get_event(principal, options["event"])
        heard = [heard_as_dict(one) for one in listeners_of(principal, found.pk)]
        runs = runs_started_by([found]).get(found.pk, ())
        return Outcome({**event_as_dict(found, runs), "data": found.data, "listeners": heard})


def why(options: Mapping[str, Any]) -> Outcome:
    """Why an app did not run: the latest reasons, or what became of one event."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        if options["event_id"] is not None:
            return Outcome(why_not(principal, options["name"], options["event_id"]))
        latest = list_decisions(principal, options["name"], limit=options["limit"])
        return Outcome([decision_as_dict(decision, principal) for decision in latest])


def audit(options: Mapping[str, Any]) -> Outcome:
    """The latest deeds."""
    principal = principal_of(options)
    which = AuditFilter(options["verb_begins"], options["target"], since=options["since"], until=options["until"])
    with tenant_scope(principal.tenant_id):
        return Outcome([audit_as_dict(entry) for entry in list_audit(principal, which, limit=options["limit"])])


LOG_VERBS: Mapping[str, Verb] = {
    "events": Verb("list the events that arrived", events, ("tenant", "type", "since", "until", "limit")),
    "event": Verb("show an event and what became of it for each app", event, ("event number", "tenant")),
    "why": Verb("say why an app did not run", why, ("name", "tenant", "event id", "limit")),
    "audit": Verb("list who did what", audit, ("tenant", "verb begins", "target", "since", "until", "limit")),
}
