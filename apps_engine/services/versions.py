"""The history of an app: its versions, what changed between two, and the way back (APP-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from apps_engine.language.changes import Change, changes
from apps_engine.language.report import report
from apps_engine.services.apps import get_app, update_app
from apps_engine.services.deprecations import stored_catalogue
from apps_engine.services.errors import VersionNotFound
from apps_engine.store.models import App, AppVersion
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two definitions: sentences that are gone, sentences that are new, and every place."""

    gone: Sequence[str]
    new: Sequence[str]
    changes: Sequence[Change]

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON; a side of a change is left out where there is nothing."""
        listed = [
            {"path": one.path, "kind": one.kind}
            | ({} if one.kind == "added" else {"before": one.before})
            | ({} if one.kind == "removed" else {"after": one.after})
            for one in self.changes
        ]
        return {"gone": list(self.gone), "new": list(self.new), "changes": listed}


def get_version(principal: Principal, app_id: int | str, number: int) -> AppVersion:
    """One version of an app; raises VersionNotFound."""
    app = get_app(principal, app_id)
    version = AppVersion.objects.filter(app=app, number=number).select_related("app").first()
    if version is None:
        raise VersionNotFound(f"“{app.name}” has no version {number}.", hint="List the versions of the app.")
    return version


def compare(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    """What changes from one valid canonical definition to another, in words and place by place."""
    one, other = _sentences(before), _sentences(after)
    gone, new = [], []
    for verb, start, end, begin, until in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if verb != "equal":
            gone += one[start:end]
            new += other[begin:until]
    return Comparison(gone, new, list(changes(before, after)))


def roll_back(principal: Principal, app_id: int | str, number: int, *, expected_version: int | None = None) -> App:
    """Make an earlier version the newest again, as a new version; nothing of the history is lost.

    Raises VersionNotFound, VersionConflict, and DefinitionRefused where what it uses is no longer there.
    """
    principal.require("apps:write")
    version = get_version(principal, app_id, number)
    app = update_app(principal, version.app_id, version.source, expected_version=expected_version)
    details = {"to": number, "version": app.version_number}
    record_audit(principal, "app.rolled_back", f"app:{app.pk}", details)
    return app


def _sentences(definition: dict[str, Any]) -> list[str]:
    told = report(definition, stored_catalogue())
    return [*told.starts, *told.steps]
