"""The other apps of the tenant, as far as they matter to one that is saved (TRG-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F

from apps_engine.language.neighbours import Footprint, footprint, neighbour_problems
from apps_engine.language.problems import Problem
from apps_engine.registry import registry
from apps_engine.store.models import App, AppVersion


def problems_with_neighbours(definition: Mapping[str, Any], own_app: int | None = None) -> list[Problem]:
    """What a valid definition would do to the tenant's other apps and they to it; paths point into the definition.

    `own_app` is the app whose next version it is; without one, an app of the same name is taken for it. One query.
    """
    versions = AppVersion.objects.filter(number=F("app__version_number")).exclude(app__status=App.Status.DELETED)
    others = versions.exclude(app=own_app) if own_app is not None else versions.exclude(app__name=definition["name"])
    footprints = [_footprint(version) for version in others.only("definition")]
    return neighbour_problems(footprint(definition, registry.catalogue), footprints)


def _footprint(version: AppVersion) -> Footprint:
    return footprint(version.definition, registry.catalogue)
