"""What deprecations mean here today: what is refused, what no run may use any more, and who is told (APP-10)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.deprecations import TOLD_IN_WEEKS, Deprecation, Stage, deprecation_problems, gone, uses
from apps_engine.language.problems import Problem
from apps_engine.registry import registry
from apps_engine.services.notices import mail_admins, tell_admins
from apps_engine.store.models import App, AppVersion
from decommerce.tenancy.context import tenant_scope

logger = logging.getLogger(__name__)


def today() -> date:
    """The day that decides how far a deprecation is."""
    return timezone.now().date()


def gone_features() -> frozenset[str]:
    """What no run may use any more."""
    return gone(registry.deprecations, today(), kept=settings.DEPRECATED_FEATURES)


def stored_catalogue() -> Catalogue:
    """The catalogue for definitions that are stored already: what they name may be gone by now."""
    features = gone_features()
    return _without(features) if features else registry.catalogue


def problems_of(definition: dict[str, Any]) -> list[Problem]:
    """What to tell the author of a definition about each deprecated feature in it."""
    return deprecation_problems(definition, registry.deprecations, today(), kept=settings.DEPRECATED_FEATURES)


def log_uses(version: AppVersion) -> None:
    """A line in the log for each deprecated feature that runs of this version use, from week 4 on."""
    for use in uses(version.definition, registry.deprecations):
        if use.deprecation.weeks(today()) >= Stage.LOGGED:
            logger.warning("app %s uses the deprecated %r at %s", version.app_id, use.deprecation.feature, use.path)


def tell_owners(tenant_ids: Iterable[int]) -> int:
    """Tell the owners of each app in weeks 8, 12 and 15 what it uses that goes away; how many apps are concerned.

    Running it again tells nobody twice.
    """
    due = {name: known for name, known in registry.deprecations.items() if _told_in_week(known) is not None}
    concerned = 0
    for tenant_id in tenant_ids if due else ():
        with tenant_scope(tenant_id, boundary="deprecations"):
            for version in _versions_that_name(due):
                features = dict.fromkeys(use.deprecation.feature for use in uses(version.definition, due))
                concerned += bool(features)
                for feature in features:
                    _tell(version.app, due[feature])
    return concerned


def _versions_that_name(features: Iterable[str]) -> QuerySet[AppVersion]:
    """Of the apps that may still run, the versions that new runs use and in whose text one of these words stands."""
    named = reduce(or_, (Q(text__contains=f'"{feature}"') for feature in features))
    current = AppVersion.objects.filter(number=F("app__version_number")).exclude(app__status=App.Status.DELETED)
    return current.annotate(text=Cast("definition", TextField())).filter(named).select_related("app")


def _tell(app: App, known: Deprecation) -> None:
    until = known.reaches(Stage.REMOVED).isoformat()
    instead = f"`{known.replacement}` takes its place: upgrade the app." if known.replacement else "Change the app."
    title = f"Your app “{app.name}” needs updating"
    body = f"It uses `{known.feature}`, which is deprecated and goes away on {until}. {instead}"
    key = f"deprecated:{known.feature}:{_told_in_week(known)}:{app.pk}"
    tell_admins(app, title, body, key=key)
    mail_admins(app, title, body, key=key)


def _told_in_week(known: Deprecation) -> int | None:
    return max((week for week in TOLD_IN_WEEKS if week <= known.weeks(today())), default=None)


@lru_cache(maxsize=8)
def _without(features: frozenset[str]) -> Catalogue:
    return registry.catalogue.without(features)
