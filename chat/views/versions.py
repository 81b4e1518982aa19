"""One version of an app: what it changed, and making it the newest again (APP-06)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_engine.services.apps import current_version, definition_of
from apps_engine.services.versions import compare, get_version, roll_back
from apps_engine.store.models import AppVersion
from chat.change_words import lines_of
from chat.views.access import TeamRequest, page_for
from chat.views.page import show


@require_safe
@page_for()
def version(request: TeamRequest, app_id: int, number: int) -> HttpResponse:
    """The version beside the one before it, and what going back to it would change."""
    principal = request.principal
    found = get_version(principal, app_id, number)
    newest = current_version(found.app)
    earlier = get_version(principal, app_id, number - 1) if number > 1 else None
    context = {
        "app": found.app,
        "version": found,
        "definition": definition_of(found),
        "since": _compared(earlier, found) if earlier else None,
        "back": _compared(newest, found) if found.number != newest.number else None,
        "newest": newest,
        "may_write": principal.may("apps:write"),
    }
    return show(request, "chat/version.html", context, section="apps")


@require_POST
@page_for()
def go_back(request: TeamRequest, app_id: int, number: int) -> HttpResponse:
    """Make the version the newest again, unless somebody saved another meanwhile."""
    seen = request.POST.get("version", "")
    expected = int(seen) if seen.isdecimal() and len(seen) < 10 else None
    roll_back(request.principal, app_id, number, expected_version=expected)
    return HttpResponseRedirect(f"{reverse('app', args=[app_id])}?done=rolled-back")


def _compared(one: AppVersion, other: AppVersion) -> dict[str, object]:
    found = compare(one.definition, other.definition)
    return {"gone": found.gone, "new": found.new, "changes": lines_of(found.changes), "beside": one.number}
