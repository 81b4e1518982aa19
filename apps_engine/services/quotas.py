"""What a tenant may use in an hour and in a day: its apps, and its team in the chat (RUN-07).

Windows are fixed: they begin with the full hour or the day of UTC, by the database's clock. An execution counts when it
is made, in whatever window it runs, and of a replay in the window in which it is to begin; a retry or a resumed run
counts no second time, a rehearsal not at all. Tokens are known only afterwards: a call needs one that is left, so calls
under way may pass that quota.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps_engine.runtime.errors import QuotaReached
from apps_engine.services.hints import hint_runs
from apps_engine.store import quotas as store
from apps_engine.store.models import QuotaOverride
from apps_engine.store.put_off import LetGo, begin_now, go_on_now, put_off
from apps_engine.store.quotas import Standing, Wanted
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import Principal

EXECUTIONS = "executions_per_hour"
EMAILS = "emails_per_day"
EVENTS = "app_events_per_hour"
AI_CALLS_PER_HOUR = "ai_calls_per_hour"
AI_CALLS_PER_DAY = "ai_calls_per_day"
AI_TOKENS = "ai_tokens_per_day"
CHAT_MESSAGES = "chat_messages_per_hour"
CHAT_TOKENS = "chat_tokens_per_day"


@dataclass(frozen=True, slots=True)
class Quota:
    """One row of the table: what is counted, in which window, and how much a tenant may use unless told otherwise."""

    what: str
    unit: str
    usual: int


QUOTAS: Mapping[str, Quota] = {
    EXECUTIONS: Quota("runs of apps", "hour", 20_000),
    EMAILS: Quota("e-mails of apps", "day", 10_000),
    EVENTS: Quota("events from app to app", "hour", 50_000),
    AI_CALLS_PER_HOUR: Quota("AI calls of apps", "hour", 1_000),
    AI_CALLS_PER_DAY: Quota("AI calls of apps", "day", 10_000),
    AI_TOKENS: Quota("AI tokens of apps", "day", 5_000_000),
    CHAT_MESSAGES: Quota("messages in the chat", "hour", 300),
    CHAT_TOKENS: Quota("AI tokens of the chat", "day", 5_000_000),
}

# How long the windows of a unit are.
SECONDS: Mapping[str, int] = {"hour": 3_600, "day": 86_400}
# By what an action spends: the quotas that a call of it counts in.
SPENT: Mapping[str, Sequence[str]] = {
    "email": (EMAILS,),
    "event": (EVENTS,),
    "ai": (AI_CALLS_PER_HOUR, AI_CALLS_PER_DAY),
    "chat": (CHAT_MESSAGES,),
}
# Of which quota one has to be left, since what a call takes of it is known only afterwards.
METERED: Mapping[str, str] = {"ai": AI_TOKENS, "chat": CHAT_TOKENS}
CODES: Mapping[str, str] = {
    "email": "quota_emails",
    "event": "quota_events",
    "ai": "quota_ai",
    "chat": "quota_chat",
}
MOST_ALLOWED = 10**15

_uncounted: ContextVar[bool] = ContextVar("uncounted", default=False)


class QuotaUnknown(NotFound):
    """No quota has that name."""

    code = "quota_unknown"


class QuotaRefused(PlatformError):
    """What an operator wants to allow is no amount."""

    code = "quota_refused"


@dataclass(frozen=True, slots=True)
class Use:
    """How the present window of one quota stands."""

    name: str
    quota: Quota
    standing: Standing

    @property
    def percent(self) -> int:
        """How much of it is used, 100 at most."""
        allowed = self.standing.allowed
        return 100 if self.standing.used >= allowed else int(self.standing.used * 100 / allowed)


@contextmanager
def uncounted() -> Iterator[None]:
    """Nothing inside counts, nor waits for those who count: for rehearsals."""
    token = _uncounted.set(True)
    try:
        yield
    finally:
        _uncounted.reset(token)


def is_counted() -> bool:
    """Whether what happens here counts."""
    return not _uncounted.get()


def wanted(name: str, amount: int, *, partly: bool = False, ahead: int = 0) -> Wanted:
    """`amount` of a quota, in the window `ahead` of the present one."""
    quota = QUOTAS[name]
    return Wanted(name, quota.unit, amount, quota.usual, partly, ahead)


def spend(resource: str | None, amount: int) -> None:
    """Count what an action's calls use, all of it or nothing; raises QuotaReached. Needs the tenant's scope."""
    names = SPENT.get(resource or "", ())
    if not names or amount == 0 or not is_counted():
        return
    if resource is not None and resource in METERED:
        _require_some(resource)
    # What one quota granted is undone where another refuses.
    with transaction.atomic() if len(names) > 1 else nullcontext():
        for reserved in store.reserve([wanted(name, amount) for name in names]):
            if reserved.granted < amount:
                raise _reached(CODES[resource or ""], reserved.name, reserved.used, reserved.allowed, reserved.ends_at)


def count_tokens(usage: Mapping[str, int]) -> None:
    """Count the tokens that a call used, in the commit that records its answer."""
    tokens = sum(amount for name, amount in usage.items() if name.startswith("ai_tokens"))
    if tokens:
        store.add(AI_TOKENS, QUOTAS[AI_TOKENS].unit, tokens)


def count_chat_tokens(tokens: int) -> None:
    """Count the tokens of an answer in the chat, in the commit that records it."""
    if tokens:
        store.add(CHAT_TOKENS, QUOTAS[CHAT_TOKENS].unit, tokens)


def windows_until(name: str, instant: datetime) -> int:
    """How many windows of a quota begin from now to an instant: 0 within the present one."""
    seconds = SECONDS[QUOTAS[name].unit]
    return max(0, int(instant.timestamp() // seconds - time.time() // seconds))


def in_words(name: str, used: int, allowed: int, resets_at: datetime, begins_at: datetime | None = None) -> str:
    """One sentence that says what is used up, and until when; `begins_at` of a window that is to come."""
    quota = QUOTAS[name]
    counted = "all" if used >= allowed else f"{used:,}"
    period = "this hour" if quota.unit == "hour" else "today"
    if begins_at is not None:
        period = f"in the {quota.unit} from {begins_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"The community has used {counted} of the {allowed:,} {quota.what} it may have {period}; "
        f"there are new ones at {resets_at:%Y-%m-%d %H:%M} UTC."
    )


def usage(principal: Principal) -> list[Use]:
    """How every quota of the tenant stands now. Needs the tenant's scope."""
    principal.require("apps:read")
    found = store.standing([(name, quota.unit, quota.usual) for name, quota in QUOTAS.items()])
    return [Use(name, quota, found[name]) for name, quota in QUOTAS.items()]


def set_quota(principal: Principal, name: str, allowed: int | None) -> None:
    """Allow the tenant so much from now on, None for the default: for operators, from the shell. Audited.

    What waits for this quota alone, and finds room in it now, is due at once.
    """
    if name not in QUOTAS:
        raise QuotaUnknown(f"There is no quota “{name}”.", hint=f"Quotas: {', '.join(QUOTAS)}.")
    if allowed is not None and not 0 <= allowed <= MOST_ALLOWED:
        raise QuotaRefused(f"{allowed} is no amount to allow.", hint=f"Use a whole number from 0 to {MOST_ALLOWED:,}.")
    if allowed is None:
        QuotaOverride.objects.filter(name=name).delete()
    else:
        values = {"allowed": allowed, "changed_by": principal.label}
        QuotaOverride.objects.update_or_create(name=name, tenant_id=principal.tenant_id, defaults=values)
    record_audit(principal, "quota.changed", f"quota:{name}", {"allowed": allowed})
    let_go = _begin_now() if name == EXECUTIONS else _go_on_now(name)
    hint_runs({run.id: run.lane for run in let_go})


def _begin_now() -> list[LetGo]:
    """Runs that were put off count in this window now, and not in the one that they waited for any more."""
    waiting = put_off()
    if not waiting:
        return []
    # Everybody locks the windows from the earliest on.
    (room,) = store.reserve([wanted(EXECUTIONS, waiting, partly=True)])
    let_go = begin_now(room.granted)
    store.give_back(EXECUTIONS, room.starts_at, room.granted - len(let_go))
    for starts_at, count in sorted(Counter(run.put_off for run in let_go).items()):
        store.give_back(EXECUTIONS, starts_at, count)
    return let_go


def _go_on_now(name: str) -> list[LetGo]:
    """What met the quota at work asks for it again, and is put off again where it finds none."""
    resources = [resource for resource, names in SPENT.items() if name in (*names, METERED.get(resource))]
    return [run for resource in resources for run in go_on_now(CODES[resource])]


def _require_some(resource: str) -> None:
    """Looked at without a lock: those who spend others wait for nobody's tokens."""
    name = METERED[resource]
    quota = QUOTAS[name]
    now = store.standing([(name, quota.unit, quota.usual)])[name]
    if now.used >= now.allowed:
        raise _reached(CODES[resource], name, now.used, now.allowed, now.ends_at)


def _reached(code: str, name: str, used: int, allowed: int, ends_at: datetime) -> QuotaReached:
    return QuotaReached(
        in_words(name, used, allowed, ends_at),
        code=code,
        hint="With settings.on_quota set to reschedule the run goes on then; an operator can allow more.",
        until=ends_at,
    )
