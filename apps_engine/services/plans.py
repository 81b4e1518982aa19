"""The compiled plans of stored versions. A version never changes, so its plan is kept, until what it uses is gone."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from django.db.models import QuerySet

from apps_engine.language.compile import compile_definition
from apps_engine.language.errors import LanguageError
from apps_engine.language.migrate import migrate
from apps_engine.language.plan import Plan
from apps_engine.services.deprecations import gone_features, log_uses, stored_catalogue
from apps_engine.store.models import AppVersion

PLANS_KEPT = 1000
# What compiling raises where what a version uses was taken out of the code, or is gone.
OUTDATED = (LanguageError, LookupError, TypeError)

# By version and what was gone; the last used is last. Without a lock: a process may be forked at any moment, and its
# child would find it taken for ever.
_kept: dict[tuple[int, frozenset[str]], Plan] = {}


def plan_of(version_id: int) -> Plan:
    """The plan of a version of the tenant in scope, that of its upgrade where it is in an older schema version.

    Raises AppVersion.DoesNotExist, and OUTDATED.
    """
    return _kept_plan(version_id) or _compiled(_texts().get(pk=version_id))


def plans_of(version_ids: Collection[int]) -> dict[int, Plan | Exception]:
    """The plans of many, read in one statement; of a version that is OUTDATED, why."""
    kept = {version_id: _kept_plan(version_id) for version_id in version_ids}
    found: dict[int, Plan | Exception] = {version_id: plan for version_id, plan in kept.items() if plan is not None}
    missing = kept.keys() - found.keys()
    for version in _texts().filter(pk__in=missing) if missing else ():
        try:
            found[version.pk] = _compiled(version)
        except OUTDATED as error:
            found[version.pk] = error
    return found


def forget_plans() -> None:
    """For whoever changes what plans are made of while the process runs, as tests do."""
    _kept.clear()


def _texts() -> QuerySet[AppVersion]:
    return AppVersion.objects.only("app", "definition")


def _compiled(version: AppVersion) -> Plan:
    # Asked before anything is compiled: what goes away meanwhile must not be in a plan that is kept as one without it.
    gone = gone_features()
    log_uses(version)
    plan = compile_definition(migrate(version.definition)[0], stored_catalogue())
    _kept[version.pk, gone] = plan
    # Another thread may be at the same.
    with suppress(RuntimeError, StopIteration):
        while len(_kept) > PLANS_KEPT:
            _kept.pop(next(iter(_kept)), None)
    return plan


def _kept_plan(version_id: int) -> Plan | None:
    key = (version_id, gone_features())
    plan = _kept.pop(key, None)
    if plan is not None:
        _kept[key] = plan
    return plan
