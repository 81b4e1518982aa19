"""What the REST API reads: bodies and query strings. Definitions themselves are checked by the language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps_engine.api.shapes import OBJECT
from apps_engine.services.replays import MOST_AT_ONCE, MOST_PER_MINUTE, WAYS
from apps_engine.services.settling import SETTLEMENTS
from apps_engine.starters import CATEGORIES
from apps_engine.store.models import App, Execution
from decommerce.tenancy.principal import SCOPES

LARGEST_PAGE = 100


@extend_schema_field({"type": ["object", "string"], "additionalProperties": True})
class DefinitionField(serializers.Field):
    """A definition: a JSON object, or the text of one."""

    default_error_messages = {"wrong_type": "A definition is a JSON object, or the text of one."}

    def to_internal_value(self, data: Any) -> dict[str, Any] | str:
        if not isinstance(data, dict | str):
            self.fail("wrong_type")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OBJECT)
class ObjectField(serializers.Field):
    """Any JSON object, as it came."""

    default_error_messages = {"wrong_type": "This is a JSON object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("wrong_type")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Page(serializers.Serializer):
    """How much of a list."""

    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_PAGE, default=20)


class AppPage(Page):
    """Which apps. `cursor` is the `next_cursor` of the page before."""

    status = serializers.ChoiceField(choices=App.Status.values, required=False)
    search = serializers.CharField(max_length=120, allow_blank=True, default="")
    cursor = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class DecisionPage(Page):
    """Which decisions: the latest, or what became of one event."""

    event_id = serializers.CharField(max_length=200, required=False)


class Period(Page):
    """A stretch of a log that goes on; `cursor` is the `next_cursor` of the page before."""

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    cursor = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class EventPage(Period):
    """Which events; times are those at which they were received."""

    type = serializers.CharField(max_length=100, allow_blank=True, default="")
    source = serializers.CharField(max_length=200, allow_blank=True, default="")  # type: ignore[assignment]
    event_id = serializers.CharField(max_length=200, allow_blank=True, default="")


class AuditPage(Period):
    """Which deeds. `verb` is how the verb begins: `app.` or `app.paused`; `actor` is part of a name."""

    verb = serializers.CharField(max_length=64, allow_blank=True, default="")
    target = serializers.CharField(max_length=200, allow_blank=True, default="")
    actor = serializers.CharField(max_length=200, allow_blank=True, default="")


class DefinitionBody(serializers.Serializer):
    """A definition to check or to store."""

    definition = DefinitionField()


class AppUpdate(DefinitionBody):
    """A new definition, and the version it replaces."""

    expected_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class AppPatch(serializers.Serializer):
    """A JSON Merge Patch (RFC 7396) of the definition as its author wrote it."""

    definition = ObjectField()
    expected_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class UpgradeBody(serializers.Serializer):
    """Whether to upgrade, or only to see what it would change; and the version that was looked at."""

    confirm = serializers.BooleanField(default=False)
    expected_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class Pause(serializers.Serializer):
    """Why the app is paused, for the people who look after it."""

    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class RunBody(serializers.Serializer):
    """The inputs of a run by hand."""

    inputs = ObjectField(default=dict)


class RunPage(Page):
    """Which runs. `state` may be given several times; times are those at which runs were made."""

    state = serializers.MultipleChoiceField(choices=Execution.State.values, default=set)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    error_code = serializers.CharField(max_length=64, allow_blank=True, default="")


class ReplayBody(serializers.Serializer):
    """Which runs of an app, in which way, and how many a minute."""

    way = serializers.ChoiceField(choices=list(WAYS), default="retry")
    states = serializers.ListField(child=serializers.ChoiceField(choices=Execution.State.values), default=list)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    error_code = serializers.CharField(max_length=64, allow_blank=True, default="")
    per_minute = serializers.IntegerField(min_value=1, max_value=MOST_PER_MINUTE, default=60)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE, default=MOST_AT_ONCE)


class SettlementBody(serializers.Serializer):
    """What became of a call, and where it was done what later steps are to see of it."""

    outcome = serializers.ChoiceField(choices=list(SETTLEMENTS))
    result = ObjectField(default=dict)


class DryRunBody(RunBody):
    """What a dry run starts from: inputs, or the data of an event; without, the catalogue's sample of the event."""

    event = ObjectField(required=False, allow_null=True, default=None)


class DefinitionDryRun(DryRunBody, DefinitionBody):
    """A dry run of a definition that is not stored."""


class StarterSearch(serializers.Serializer):
    """Which ready-made apps: those that fit the words best come first."""

    search = serializers.CharField(max_length=200, allow_blank=True, default="")
    category = serializers.ChoiceField(choices=list(CATEGORIES), required=False)


class StarterParameters(serializers.Serializer):
    """What was chosen for a ready-made app; what is left out has its default."""

    parameters = ObjectField(default=dict)


class StarterApp(StarterParameters):
    """A new app from a ready-made one, under its name or another."""

    name = serializers.CharField(max_length=120, required=False)


class KeyBody(serializers.Serializer):
    """A new API key."""

    name = serializers.CharField(max_length=120)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(SCOPES)), allow_empty=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_expires_at(self, expires_at: datetime | None) -> datetime | None:
        """A key that was never good is a mistake."""
        if expires_at is not None and expires_at <= timezone.now():
            raise serializers.ValidationError("This is in the past.", code="in_the_past")
        return expires_at


class KeyRotation(serializers.Serializer):
    """How long the old key stays good beside the new one."""

    overlap_hours = serializers.IntegerField(min_value=0, max_value=30 * 24, default=24)


class WebhookSecretBody(serializers.Serializer):
    """A new secret of a webhook; without `secret`, one is made up."""

    secret = serializers.CharField(max_length=200, allow_blank=True, default="", trim_whitespace=False)
    end_old = serializers.BooleanField(default=False)


class DomainBody(serializers.Serializer):
    """A domain that apps may call."""

    pattern = serializers.CharField(max_length=255)
