"""The gallery of ready-made apps, and the page of one: choose, see what it would do, try it, create it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_engine.services.apps import free_name
from apps_engine.services.errors import NameTaken
from apps_engine.services.starters import (
    Preview,
    create_app_from,
    default_parameters,
    get_starter,
    list_starters,
    made_of,
    preview,
    rehearse,
)
from apps_engine.starters import CATEGORIES, Starter
from chat.facts import facts_of
from chat.rehearsal_words import rehearsal_of
from chat.starter_form import chosen, faults_by_name, fields_of, zones
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.errors import PlatformError

LONGEST_SEARCH = 200
LONGEST_NAME = 120


@require_safe
@page_for()
def starters(request: TeamRequest) -> HttpResponse:
    """Every ready-made app under its category, or those that fit a search, best first."""
    words = request.GET.get("search", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    wanted = request.GET.get("category", "")
    category = wanted if wanted in CATEGORIES else ""
    found = list_starters(request.principal, words=words, category=category or None)
    context = {
        "shelves": [("", found)] if words else _shelves(found),
        "found": len(found),
        "search": words,
        "category": category,
        "categories": CATEGORIES.items(),
    }
    return show(request, "chat/starters.html", context, section="starters")


@require_http_methods(["GET", "HEAD", "POST"])
@page_for()
def starter(request: TeamRequest, slug: str) -> HttpResponse:
    """The form of one; its buttons show, try or create what was chosen."""
    found = get_starter(request.principal, slug)
    if request.method != "POST":
        values = default_parameters(request.principal, found)
        return _page(request, found, preview(request.principal, slug, values), name=free_name(found.name))
    values = chosen(found, request.POST)
    name = request.POST.get("name", "").replace("\x00", "").strip()[:LONGEST_NAME] or found.name
    made = preview(request.principal, slug, values)
    deed = request.POST.get("deed", "")
    if not made.valid or deed not in {"create", "try"}:
        return _page(request, found, made, name=name, status=200 if made.valid else 422)
    if deed == "try":
        return _page(request, found, made, name=name, rehearsal=_rehearsal(request, slug, values))
    try:
        app = create_app_from(request.principal, slug, values, name=name)
    except NameTaken as error:
        return _page(request, found, made, name=name, name_fault=error, status=error.status)
    except PlatformError as error:
        return _page(request, found, made, name=name, error=error, status=error.status)
    return HttpResponseRedirect(f"{reverse('app', args=[app.pk])}?done=created")


@require_POST
@page_for(only_reads=True)
def starter_preview(request: TeamRequest, slug: str) -> HttpResponse:
    """What the form as it stands would do, as HTML, and the faults of its fields."""
    found = get_starter(request.principal, slug)
    made = preview(request.principal, slug, chosen(found, request.POST))
    html = render_to_string("chat/starter_preview.html", _told(made), request)
    faults = {field: " ".join(lines) for field, lines in faults_by_name(found, made.faults).items()}
    return JsonResponse({"html": html, "faults": faults})


def _shelves(found: list[Starter]) -> list[tuple[str, list[Starter]]]:
    by_category = ((heading, [row for row in found if row.category == key]) for key, heading in CATEGORIES.items())
    return [(heading, rows) for heading, rows in by_category if rows]


def _page(request: TeamRequest, found: Starter, made: Preview, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "starter": found,
        "category": CATEGORIES[found.category],
        "fields": fields_of(found, made.parameters, made.faults),
        "zones": zones() if any(row.format == "timezone" for row in found.parameters.properties.values()) else (),
        "may_write": request.principal.may("apps:write"),
        "twins": made_of(request.principal, found.slug),
        "longest_name": LONGEST_NAME,
        **_told(made),
        **more,
    }
    return show(request, "chat/starter.html", context, section="starters", status=status)


def _told(made: Preview) -> Mapping[str, Any]:
    """What a preview shows."""
    if made.checked is None or made.checked.report is None or made.definition is None:
        return {"facts": (), "problems": (), "definition": None, "faults": made.faults}
    facts = facts_of(made.checked.report, made.definition)
    return {"facts": facts, "problems": made.checked.problems, "definition": made.definition, "faults": ()}


def _rehearsal(request: TeamRequest, slug: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What it would do now, in words; a refusal is told too."""
    try:
        rehearsal = rehearse(request.principal, slug, values)
    except PlatformError as error:
        return {"refused": error}
    return rehearsal_of(rehearsal.tried, event=rehearsal.event, happened_at=rehearsal.happened_at)
