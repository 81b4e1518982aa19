"""Bringing a stored app up to date, with a look at what would change first (APP-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps_engine.language.deprecations import Stage
from apps_engine.language.migrate import CURRENT
from apps_engine.language.upgrade import Upgrade, upgrade
from apps_engine.registry import registry
from apps_engine.services.apps import current_version, get_app, update_app
from apps_engine.services.deprecations import today
from apps_engine.store.models import App
from decommerce.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class UpgradeOffer:
    """What an upgrade of an app changes; `applied` once it did."""

    app: App
    version: int
    upgrade: Upgrade
    applied: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The offer as JSON."""
        return {
            "app": {"id": self.app.pk, "name": self.app.name},
            "version": self.version,
            "needed": self.upgrade.needed,
            "applied": self.applied,
            "changes": [change.as_dict() for change in self.upgrade.changes],
            "left": [{"path": use.path, "feature": use.deprecation.feature} for use in self.upgrade.left],
            "problems": [problem.as_dict() for problem in self.upgrade.problems],
            "definition": self.upgrade.definition,
        }


def preview_upgrade(principal: Principal, app_id: int | str) -> UpgradeOffer:
    """What an upgrade of the app's present version would change; changes nothing."""
    app = get_app(principal, app_id)
    return UpgradeOffer(app, app.version_number, upgrade(current_version(app).definition, registry.deprecations))


def update_needed(principal: Principal, app_id: int | str) -> UpgradeOffer | None:
    """What an app needs that its owners are to see: from week 8 of a deprecation on, or for an older schema version."""
    app = get_app(principal, app_id)
    definition = current_version(app).definition
    shown = {name: known for name, known in registry.deprecations.items() if known.weeks(today()) >= Stage.SHOWN}
    if not shown and definition.get("schema_version") == CURRENT:
        return None
    offer = UpgradeOffer(app, app.version_number, upgrade(definition, shown))
    return offer if offer.upgrade.needed or offer.upgrade.left else None


def apply_upgrade(principal: Principal, app_id: int | str, *, expected_version: int | None = None) -> UpgradeOffer:
    """Store the upgraded definition as the app's next version, where anything changes.

    Raises VersionConflict where the app is at another version than expected, and DefinitionRefused as any update does.
    """
    principal.require("apps:write")
    offer = preview_upgrade(principal, app_id)
    if not offer.upgrade.needed:
        return offer
    expected = offer.version if expected_version is None else expected_version
    app = update_app(principal, offer.app.pk, offer.upgrade.definition, expected_version=expected)
    return UpgradeOffer(app, app.version_number, offer.upgrade, applied=True)
