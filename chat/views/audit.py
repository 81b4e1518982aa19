"""Who did what in the community (SEC-05)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.audit import AuditFilter, list_audit

SHOWN = 50
LONGEST = 64
# The kinds of deeds by the first part of their verbs.
KINDS = (
    ("", "Everything"),
    ("app.", "Apps"),
    ("run", "Runs"),
    ("api_key.", "API keys"),
    ("domain.", "Allowed domains"),
    ("team.", "Team"),
)


@require_safe
@page_for("admin")
def audit(request: TeamRequest) -> HttpResponse:
    """A page of the log; `before` is the number of the last entry of the page before."""
    verb, actor = request.GET.get("verb", "")[:LONGEST], request.GET.get("actor", "").replace("\x00", "")[:LONGEST]
    before = request.GET.get("before", "")
    found = list_audit(
        request.principal,
        AuditFilter(verb=verb if verb in dict(KINDS) else "", actor=actor.strip()),
        limit=SHOWN + 1,
        cursor=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    older = found[SHOWN - 1].pk if len(found) > SHOWN else None
    context = {"rows": found[:SHOWN], "older": older, "verb": verb, "actor": actor, "kinds": KINDS}
    return show(request, "chat/audit.html", context, section="audit")
