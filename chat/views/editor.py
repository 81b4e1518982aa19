"""The editor of a definition: its text with live problems, what it would do and change, and saving it (APP-06)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps_engine.language.completion import complete
from apps_engine.registry import registry
from apps_engine.services.apps import create_app, current_version, get_app, update_app
from apps_engine.services.errors import DefinitionRefused, VersionConflict
from apps_engine.services.shadows import begin_shadow
from apps_engine.store.models import App
from chat.draft_text import Draft, draft_of, source_of, text_of
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.errors import PlatformError

LONGEST_TEXT = 1_000_000
BLANK: dict[str, Any] = {
    "schema_version": "1.1",
    "profile": "automation",
    "name": "",
    "description": "",
    "triggers": [{"id": "by_hand", "type": "manual", "flow": "main"}],
    "flows": {"main": {"steps": []}},
}


@require_http_methods(["GET", "HEAD", "POST"])
@page_for("apps:write")
def edit_app(request: TeamRequest, app_id: int) -> HttpResponse:
    """The newest version of an app as text; saving it makes the next version, unless somebody was faster."""
    app = get_app(request.principal, app_id)
    if request.method != "POST":
        return _page(request, text_of(current_version(app).source), app, app.version_number)
    text, version, deed = _text(request), _number(request.POST.get("version", "")), request.POST.get("deed")
    if deed not in {"save", "shadow"}:
        return _page(request, text, app, version)
    try:
        if deed == "shadow":
            begin_shadow(request.principal, app.pk, source_of(text))
            return HttpResponseRedirect(f"{reverse('shadow', args=[app.pk])}?done=shadow-begun")
        update_app(request.principal, app.pk, source_of(text), expected_version=version)
    except DefinitionRefused as refused:
        return _page(request, text, app, version, status=refused.status)
    except PlatformError as error:
        is_late = isinstance(error, VersionConflict)
        return _page(request, text, app, version, error=error, is_late=is_late, status=error.status)
    return HttpResponseRedirect(f"{reverse('app', args=[app.pk])}?done=saved")


@require_http_methods(["GET", "HEAD", "POST"])
@page_for("apps:write")
def write_app(request: TeamRequest) -> HttpResponse:
    """A new app from a text."""
    if request.method != "POST":
        return _page(request, text_of(BLANK))
    text = _text(request)
    if request.POST.get("deed") != "save":
        return _page(request, text)
    try:
        app = create_app(request.principal, source_of(text))
    except DefinitionRefused as refused:
        return _page(request, text, status=refused.status)
    except PlatformError as error:
        return _page(request, text, error=error, status=error.status)
    return HttpResponseRedirect(f"{reverse('app', args=[app.pk])}?done=created")


@require_POST
@page_for("apps:write", only_reads=True)
def check_draft(request: TeamRequest) -> HttpResponse:
    """What the text as it stands would do and change, as HTML; `app` is the number of the app it belongs to, if any."""
    number = _number(request.POST.get("app", ""))
    app = get_app(request.principal, number) if number is not None else None
    draft = _draft(request, _text(request), app)
    html = render_to_string("chat/draft.html", {"draft": draft, "app": app}, request)
    return JsonResponse({"html": html, "valid": draft.valid, "lines": [one.line for one in draft.problems]})


@require_POST
@page_for("apps:write", only_reads=True)
def complete_draft(request: TeamRequest) -> HttpResponse:
    """What may be written between `before` and `after`: options, and how many characters of both they replace."""
    before = _clean(request.POST.get("before", ""))
    found = complete(before + _clean(request.POST.get("after", "")), len(before), registry.catalogue)
    options = [{"label": one.label, "text": one.text, "about": one.about} for one in found.options]
    return JsonResponse({"back": len(before) - found.start, "forward": found.end - len(before), "options": options})


def _page(
    request: TeamRequest,
    text: str,
    app: App | None = None,
    version: int | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    draft = _draft(request, text, app)
    context = {"app": app, "version": version, "draft": draft, **more}
    return show(request, "chat/editor.html", context, section="apps", status=status)


def _draft(request: TeamRequest, text: str, app: App | None) -> Draft:
    return draft_of(request.principal, text, current_version(app).definition if app else None)


def _text(request: TeamRequest) -> str:
    return _clean(request.POST.get("text", ""))


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n")[:LONGEST_TEXT]


def _number(written: str) -> int | None:
    return int(written) if written.isdecimal() and len(written) < 19 else None
