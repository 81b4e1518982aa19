"""Proposing a change: stored with its exact arguments and shown to the person (CHT-03)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps_engine.language import jsontext
from apps_engine.services.apps import get_app
from apps_engine.store.models import App
from chat.gate.digest import digest_of
from chat.gate.preview import preview_of
from chat.model.port import ToolCall
from chat.models import Message, PendingCall
from chat.person import person_id
from chat.toolbox import Toolbox

LIFETIME = timedelta(minutes=15)


def propose(toolbox: Toolbox, answer: Message, call: ToolCall) -> PendingCall:
    """Keep the call until the person decides; raises PlatformError for what could not be confirmed anyway."""
    principal = toolbox.principal
    tool = toolbox.find(call.name)
    tool.parse(call.arguments)
    app = _app_of(toolbox, call.arguments)
    arguments = _exact(call.arguments, app)
    version = app.version_number if app else None
    return PendingCall.objects.create(
        message=answer,
        user_id=person_id(principal),
        call_id=call.id,
        tool=tool.name,
        arguments=arguments,
        digest=digest_of(
            tool.name, arguments, app_id=app.pk if app else None, app_version=version, user_id=person_id(principal)
        ),
        app_id=app.pk if app else None,
        app_version=version,
        preview=preview_of(principal, tool, arguments, app),
        expires_at=timezone.now() + LIFETIME,
    )


def _app_of(toolbox: Toolbox, arguments: Mapping[str, Any]) -> App | None:
    reference = arguments.get("app")
    return get_app(toolbox.principal, reference) if isinstance(reference, int | str) else None


def _exact(arguments: Mapping[str, Any], app: App | None) -> dict[str, Any]:
    """The arguments as they will be stored and run. An app is named by its number: a name can change hands."""
    exact = jsontext.loads(json.dumps(arguments))
    return {**exact, "app": app.pk} if app else exact
