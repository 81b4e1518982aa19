"""The shapes by the names that the OpenAPI document gives them."""

from __future__ import annotations

from collections.abc import Mapping

from apps_engine.api import shapes
from apps_engine.api.message_shapes import MESSAGE
from apps_engine.api.rehearsal_shapes import BACKTEST, SHADOW
from apps_engine.api.shapes import Schema

COMPONENTS: Mapping[str, Schema] = {
    "App": shapes.APP,
    "FullApp": shapes.FULL_APP,
    "AppWithRuns": shapes.APP_WITH_RUNS,
    "Version": shapes.VERSION,
    "Run": shapes.RUN,
    "Decision": shapes.DECISION,
    "Event": shapes.EVENT,
    "FullEvent": shapes.FULL_EVENT,
    "AuditEntry": shapes.AUDIT_ENTRY,
    "Upgrade": shapes.UPGRADE,
    "Check": shapes.CHECK,
    "DryRun": shapes.DRY_RUN,
    "Backtest": BACKTEST,
    "Shadow": SHADOW,
    "Key": shapes.KEY,
    "KeyWithSecret": shapes.KEY_WITH_SECRET,
    "Domain": shapes.DOMAIN,
    "DomainWithSecret": shapes.DOMAIN_WITH_SECRET,
    "Account": shapes.ACCOUNT,
    "Effect": shapes.EFFECT,
    "Message": MESSAGE,
    "Replay": shapes.REPLAY,
    "Usage": shapes.USAGE,
    "Problem": shapes.PROBLEM,
    "Catalogue": shapes.CATALOGUE,
    "Starter": shapes.STARTER,
    "FullStarter": shapes.FULL_STARTER,
    "StarterPreview": shapes.STARTER_PREVIEW,
    "CloudEvent": shapes.CLOUD_EVENT,
    "TakenEvent": shapes.TAKEN_EVENT,
    "Schema": shapes.OBJECT,
}
