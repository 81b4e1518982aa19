"""Outside calls: claimed and frozen in one commit, sent outside any transaction, recorded with the next.

docs/execution.md 7 and 8, RUN-05.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.runtime.errors import QuotaReached, StepError
from apps_engine.runtime.meter import Meter
from apps_engine.services.engine.doubts import tell_of_doubt
from apps_engine.services.engine.frozen import answer, freeze, refuse, thaw
from apps_engine.services.engine.sending import send_all
from apps_engine.services.engine.work import FencedWork
from apps_engine.services.quotas import count_tokens, spend
from apps_engine.store.effects import known_calls, settle
from apps_engine.store.models import Effect, Execution
from decommerce.failpoints import reached
from decommerce.tenancy.errors import PlatformError

logger = logging.getLogger(__name__)
OPEN = (Effect.State.CLAIMED, Effect.State.UNKNOWN)


class OutsideCalls:
    """The outside calls of one execution. A call is counted once, when it is claimed first, whatever comes of it."""

    def __init__(self, context: ActionContext, work: FencedWork) -> None:
        self._context = context
        self._work = work
        # What became of calls made ahead, until the run comes to them: none of these is made a second time before.
        self._answers: dict[str, Mapping[str, Any]] = {}
        self._failed: dict[str, StepError] = {}

    def make(self, plugin: ExternalAction, call: Call, path: str, meter: Meter) -> dict[str, Any]:
        """Make one call, or read its answer back; raises StepError."""
        if call.key in self._failed:
            raise self._failed.pop(call.key)
        if call.key in self._answers:
            return dict(self._answers.pop(call.key))
        self._work.open()
        effect, in_doubt = self._claimed(plugin, call, path, meter)
        if effect.state == Effect.State.DONE:
            return dict(effect.response)
        request = thaw(effect)
        self._commit_claims([request])
        try:
            response = self._sent(plugin, request, in_doubt)
            reached("call.answered")
        except PlatformError as error:
            self._work.open()
            refusal = self._refused(plugin, effect, error, in_doubt=in_doubt)
            settle([effect], self._fence)
            tell_of_doubt(self._context.app_id, [effect])
            self._work.commit()
            raise refusal from error
        self._work.open()
        self._answered(effect, response)
        settle([effect], self._fence)
        return dict(response.result)

    def ahead(self, plugin: ExternalAction, calls: Mapping[str, Call], meter: Meter) -> dict[str, Mapping[str, Any]]:
        """Make several calls at once, claimed in one commit and recorded in one; the answers that there are, by path.

        Only for actions that may be repeated safely: a worker that dies in between leaves calls to be made again.
        """
        self._work.open()
        known = known_calls(call.key for call in calls.values())
        fresh = self._prepared(plugin, {path: call for path, call in calls.items() if call.key not in known})
        answers = self._twins(plugin, fresh)
        new = _first_of_each(plugin, fresh, answers, meter.left(plugin.spends))
        again = [effect for effect in known.values() if effect.state != Effect.State.DONE]
        try:
            _use(plugin, len(new), meter)
        except QuotaReached:
            # One by one, as many as there are left.
            new = []
        if new or again:
            Effect.objects.bulk_create(new)
            for effect in again:
                effect.state = Effect.State.CLAIMED
            settle(again, self._fence)
            self._send([*again, *new], plugin)
        answers |= {_identity(plugin, effect): effect.response for effect in new if effect.state == Effect.State.DONE}
        self._answers |= {
            effect.idem_key: answers[same] for effect in fresh if (same := _identity(plugin, effect)) in answers
        }
        self._answers |= {key: effect.response for key, effect in known.items() if effect.state == Effect.State.DONE}
        return {path: self._answers[call.key] for path, call in calls.items() if call.key in self._answers}

    def _sent(self, plugin: ExternalAction, request: Request, in_doubt: bool) -> Response:
        """The answer; a call in doubt whose other side can be asked is made only where it is not there."""
        if in_doubt and plugin.repeats(request) is Repeatable.BY_LOOKUP:
            try:
                known = plugin.look_up(request, self._context)
            except PlatformError as error:
                # Until it can be asked, the first attempt may have arrived.
                error.sent = error.retryable = True
                raise
            if known is not None:
                return known
        return plugin.send(request, self._context)

    @property
    def _fence(self) -> int:
        return self._work.claimed.fence

    def _claimed(self, plugin: ExternalAction, call: Call, path: str, meter: Meter) -> tuple[Effect, bool]:
        """Our claim on the call, or what an earlier claim left; decides what a crash in between means.

        With it, whether an earlier attempt may have sent it.
        """
        effect = known_calls([call.key]).get(call.key)
        if effect is None:
            try:
                return self._new_claim(plugin, call, path, meter), False
            except IntegrityError:
                # Another run has claimed it since we looked; a new look sees what it committed.
                effect = known_calls([call.key])[call.key]
        if effect.state == Effect.State.DONE:
            return effect, False
        if effect.execution_id != self._context.execution_id and _is_live(effect):
            raise StepError(
                "Another run is making this very call.",
                code="effect_in_progress",
                hint="It is tried again later.",
                retryable=True,
            )
        # The call of a run that is over, by `once_per`: it is ours from here on, and ends with our run.
        effect.execution_id = self._context.execution_id
        in_doubt = effect.state in OPEN
        if in_doubt and plugin.repeats(thaw(effect)) is Repeatable.NEVER:
            effect.state = Effect.State.UNKNOWN
            settle([effect], self._fence)
            tell_of_doubt(self._context.app_id, [effect])
            self._work.commit()
            raise StepError(
                "Nobody knows whether this call arrived: the worker died between sending it and hearing the answer.",
                code="effect_unknown",
                hint="Look at the other side, then settle it by hand.",
                sent=True,
            )
        effect.state = Effect.State.CLAIMED
        settle([effect], self._fence)
        return effect, in_doubt

    def _new_claim(self, plugin: ExternalAction, call: Call, path: str, meter: Meter) -> Effect:
        effect = freeze(plugin, call, path, self._context, self._fence)
        answers = self._twins(plugin, [effect])
        if answers:
            # The same request was answered in this run: the answer is kept under this key too, the request is not.
            effect.state, effect.response, effect.request = Effect.State.DONE, answers[effect.fingerprint], None
        # Where another run has claimed the key meanwhile, nothing is counted.
        with meter.provisional(), transaction.atomic():
            _use(plugin, 0 if answers else 1, meter)
            effect.save()
        return effect

    def _prepared(self, plugin: ExternalAction, calls: Mapping[str, Call]) -> list[Effect]:
        """Those calls that can be prepared; of the others the run itself will tell."""
        prepared: list[Effect] = []
        for path, call in calls.items():
            try:
                prepared.append(freeze(plugin, call, path, self._context, self._fence))
            except StepError:
                continue
        return prepared

    def _twins(self, plugin: ExternalAction, effects: Sequence[Effect]) -> dict[str, Any]:
        """The answers, by fingerprint, that this run has had to the very same requests."""
        if not plugin.cached or not effects:
            return {}
        same = Effect.objects.filter(
            execution_id=self._context.execution_id,
            action=plugin.name,
            fingerprint__in={effect.fingerprint for effect in effects},
            state=Effect.State.DONE,
        )
        return dict(same.order_by("fingerprint").distinct("fingerprint").values_list("fingerprint", "response"))

    def _send(self, effects: Sequence[Effect], plugin: ExternalAction) -> None:
        requests = [thaw(effect) for effect in effects]
        self._commit_claims(requests)
        outcomes = send_all(plugin, requests, self._context)
        reached("call.answered")
        self._work.open()
        for effect, outcome in zip(effects, outcomes, strict=True):
            self._record(plugin, effect, outcome)
        settle(effects, self._fence)
        self._work.commit()

    def _record(self, plugin: ExternalAction, effect: Effect, outcome: Response | BaseException) -> None:
        if isinstance(outcome, Response):
            self._answered(effect, outcome)
        elif isinstance(outcome, PlatformError):
            self._failed[effect.idem_key] = self._refused(plugin, effect, outcome)
        else:
            # A fault of the action: it stays claimed, and shows itself when the run makes the call.
            logger.error("a call of %s ahead failed", plugin.name, exc_info=outcome)

    def _answered(self, effect: Effect, response: Response) -> None:
        """The answer, and what it used, in the commit that records it: counted once."""
        answer(effect, response)
        self._count(response.usage)

    def _refused(
        self, plugin: ExternalAction, effect: Effect, error: PlatformError, *, in_doubt: bool = False
    ) -> StepError:
        self._count(error.spent)
        return refuse(plugin, effect, error, in_doubt=in_doubt)

    def _count(self, used: Mapping[str, int]) -> None:
        count_tokens(used)
        usage = self._work.usage
        for name, amount in used.items():
            usage[name] = usage.get(name, 0) + amount

    def _commit_claims(self, requests: Collection[Request]) -> None:
        # The lease outlives the calls made under it.
        longest = max(request.deadline_seconds for request in requests)
        self._work.commit(longest + settings.LEASE_SECONDS / 2)


def _use(plugin: ExternalAction, amount: int, meter: Meter) -> None:
    """Count calls with the run and with the tenant, both or neither."""
    with meter.provisional():
        meter.spend(plugin.spends, amount)
        spend(plugin.spends, amount)


def _identity(plugin: ExternalAction, effect: Effect) -> str:
    """What makes two calls of a run the same."""
    return effect.fingerprint if plugin.cached else effect.idem_key


def _first_of_each(
    plugin: ExternalAction, effects: Sequence[Effect], answered: Collection[str], room: int | None
) -> list[Effect]:
    """Those that have to be claimed: one of the same, none that is answered, and no more than may be made."""
    first: dict[str, Effect] = {}
    for effect in effects:
        same = _identity(plugin, effect)
        if same not in answered:
            first.setdefault(same, effect)
    return list(first.values())[:room]


def _is_live(effect: Effect) -> bool:
    live = (Execution.State.QUEUED, Execution.State.RUNNING)
    return bool(Execution.objects.filter(effects=effect, state__in=live).exists())
