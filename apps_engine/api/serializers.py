"""What the REST API reads: bodies and query strings. Definitions themselves are checked by the language."""

from __future__ import annotations

from rest_framework import serializers

from apps_engine.api.cursors import DecisionPosition
from apps_engine.api.fields import (
    LARGEST_NUMBER,
    Choice,
    Choices,
    DefinitionField,
    EventSource,
    Flag,
    InstantOrNull,
    ObjectField,
    Strict,
    Text,
    Whole,
)
from apps_engine.services.backtests import MOST_DAYS, USUAL_DAYS
from apps_engine.services.mails import MAIL_OUTCOMES
from apps_engine.services.replays import MOST_AT_ONCE, MOST_PER_MINUTE, WAYS
from apps_engine.services.settling import SETTLEMENTS
from apps_engine.services.shadows import MOST_DAYS as MOST_SHADOW_DAYS
from apps_engine.services.shadows import USUAL_DAYS as USUAL_SHADOW_DAYS
from apps_engine.starters import CATEGORIES
from apps_engine.store.models import App, Execution
from decommerce.community.models import MessageState
from decommerce.tenancy.principal import SCOPES

LARGEST_PAGE = 100


class Page(Strict):
    """How much of a list."""

    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_PAGE, default=20)


class CursorPage(Page):
    """How much of a list, and from where. `cursor` is the `next_cursor` of the page before."""

    cursor = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, required=False)


class AppPage(CursorPage):
    """Which apps."""

    status = Choice(choices=App.Status.values, required=False)
    search = Text(max_length=120, allow_blank=True, default="")


class DecisionPage(Page):
    """Which decisions: the latest, or what became of one event. `cursor` is the `next_cursor` of the page before."""

    cursor = DecisionPosition(required=False)
    event_id = Text(max_length=200, required=False)


class Period(CursorPage):
    """A stretch of a log that goes on."""

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class EventPage(Period):
    """Which events; times are those at which they were received."""

    type = Text(max_length=100, allow_blank=True, default="")
    source = Text(max_length=200, allow_blank=True, default="")  # type: ignore[assignment]
    event_id = Text(max_length=200, allow_blank=True, default="")


class AuditPage(Period):
    """Which deeds. `verb` is how the verb begins: `app.` or `app.paused`; `actor` is part of a name."""

    verb = Text(max_length=64, allow_blank=True, default="")
    target = Text(max_length=200, allow_blank=True, default="")
    actor = Text(max_length=200, allow_blank=True, default="")


class DefinitionBody(Strict):
    """A definition to check or to store."""

    definition = DefinitionField()


class AppUpdate(DefinitionBody):
    """A new definition, and the version it replaces."""

    expected_version = Whole(min_value=1, max_value=2**31 - 1, required=False)


class AppPatch(Strict):
    """A JSON Merge Patch (RFC 7396) of the definition as its author wrote it."""

    definition = ObjectField()
    expected_version = Whole(min_value=1, max_value=2**31 - 1, required=False)


class UpgradeBody(Strict):
    """Whether to upgrade, or only to see what it would change; and the version that was looked at."""

    confirm = Flag(default=False)
    expected_version = Whole(min_value=1, max_value=2**31 - 1, required=False)


class ToolBody(Strict):
    """Whether agents may call the app as a tool of its own."""

    offered = Flag()


class Pause(Strict):
    """Why the app is paused, for the people who look after it."""

    reason = Text(max_length=300, allow_blank=True, default="")


class RunBody(Strict):
    """The inputs of a run by hand."""

    inputs = ObjectField(default=dict)


class RunPage(CursorPage):
    """Which runs. `state` may be given several times; times are those at which runs were made."""

    state = Choices(choices=Execution.State.values, default=set)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    error_code = Text(max_length=64, allow_blank=True, default="")


class ReplayBody(Strict):
    """Which runs of an app, in which way, and how many a minute; `after` is the `last` of the answer before."""

    way = Choice(choices=list(WAYS), default="retry")
    states = serializers.ListField(child=Choice(choices=Execution.State.values), default=list)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    error_code = Text(max_length=64, allow_blank=True, default="")
    per_minute = Whole(min_value=1, max_value=MOST_PER_MINUTE, default=60)
    limit = Whole(min_value=1, max_value=MOST_AT_ONCE, default=MOST_AT_ONCE)
    after = Whole(min_value=0, max_value=2**63 - 1, default=0)


class SettlementBody(Strict):
    """What became of a call, and where it was done what later steps are to see of it."""

    outcome = Choice(choices=list(SETTLEMENTS))
    result = ObjectField(default=dict)


class MessagePage(CursorPage):
    """Which messages. `state` may be given several times; `app` and `run` are numbers."""

    state = Choices(choices=MessageState.values, default=set)
    app = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, required=False)
    run = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, required=False)


class MailSettlementBody(Strict):
    """What became of an e-mail: it arrived, or is to be sent again."""

    outcome = Choice(choices=list(MAIL_OUTCOMES))


class DryRunBody(RunBody):
    """What a dry run starts from: inputs, or the data of an event; without, the catalogue's sample of the event."""

    event = ObjectField(required=False, allow_null=True, default=None)


class DefinitionDryRun(DryRunBody, DefinitionBody):
    """A dry run of a definition that is not stored."""


class BacktestBody(Strict):
    """How many days back a backtest looks."""

    days = Whole(min_value=1, max_value=MOST_DAYS, default=USUAL_DAYS)


class DefinitionBacktest(BacktestBody, DefinitionBody):
    """A backtest of a definition that is not stored."""


class ShadowBody(DefinitionBody):
    """A draft beside the live version, and for how many days."""

    days = Whole(min_value=1, max_value=MOST_SHADOW_DAYS, default=USUAL_SHADOW_DAYS)


class StarterSearch(Strict):
    """Which ready-made apps: those that fit the words best come first."""

    search = Text(max_length=200, allow_blank=True, default="")
    category = Choice(choices=list(CATEGORIES), required=False)


class StarterParameters(Strict):
    """What was chosen for a ready-made app; what is left out has its default."""

    parameters = ObjectField(default=dict)


class StarterApp(StarterParameters):
    """A new app from a ready-made one, under its name or another."""

    name = Text(max_length=120, required=False)


class KeyBody(Strict):
    """A new API key."""

    name = Text(max_length=120)
    scopes = serializers.ListField(child=Choice(choices=list(SCOPES)), allow_empty=False, min_length=1)
    confirms = Flag(required=False, default=False)
    expires_at = InstantOrNull(required=False, allow_null=True, default=None)
    event_source = EventSource(required=False, default="")


class KeyRotation(Strict):
    """How long the old key stays good beside the new one."""

    overlap_hours = Whole(min_value=0, max_value=30 * 24, default=24)


class WebhookSecretBody(Strict):
    """A new secret of a webhook; without `secret`, one is made up."""

    secret = Text(max_length=200, allow_blank=True, default="", trim_whitespace=False)
    end_old = Flag(default=False)


class BounceBody(Strict):
    """A message that came back: its Message-ID as it was sent, and the enhanced status code (RFC 3463)."""

    message_id = Text(max_length=255)
    status = Text(max_length=16)
    words = Text(max_length=1000, allow_blank=True, default="")


class DomainBody(Strict):
    """A domain that apps may call."""

    pattern = Text(max_length=255)
