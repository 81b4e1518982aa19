"""What a rehearsal would have done, in words: how often what, and the first of it in detail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps_engine.registry import registry
from apps_engine.services.backtests import Tally
from apps_engine.services.dry_run import DryRun
from apps_engine.services.engine.rehearsal import Rehearsed
from chat.answer import answer_of
from chat.decision_words import reason_in_words
from decommerce.community.models import Member

SHOWN = 8
LONGEST = 160
# The parameters that say who is reached, and those that say with what, the first of them that is there.
_WHO = ("to", "member_id", "author_id")
_NOT_THERE = frozenset({"not_found", "no_address"})
_WHAT = ("subject", "title", "reason", "name", "body", "prompt", "url", "status")


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of effect: what it is, how often, the first of them, and what people would read in the first."""

    what: str
    count: int
    lines: Sequence[str]
    text: str = ""

    @property
    def more(self) -> int:
        """How many there are beyond those that are told."""
        return self.count - len(self.lines)


def deeds_of(rehearsal: DryRun | Tally, *, example: bool = False) -> list[Deed]:
    """The effects by action, in the order in which the first of each came. One query.

    In an `example` what the event names is not there, and that nothing could be done about it is not worth a word.
    """
    names = _names(rehearsal.effects)
    deeds = []
    for action, count in rehearsal.counts.items():
        effects = [effect for effect in rehearsal.effects if effect.action == action]
        lines = [_line(effect, names, quiet=_NOT_THERE if example else frozenset()) for effect in effects[:SHOWN]]
        sentence = registry.actions[action].sentence
        text = str(effects[0].params.get("body") or "") if effects else ""
        deeds.append(Deed(f"{sentence[:1].upper()}{sentence[1:]}", count, lines, text))
    return deeds


def rehearsal_of(tried: DryRun, *, event: str | None = None, happened_at: datetime | None = None) -> Mapping[str, Any]:
    """What the page of a rehearsal shows; `event` is what started it, an example where it never happened."""
    return {
        "deeds": deeds_of(tried, example=bool(event) and happened_at is None),
        "clause": reason_in_words("filtered", tried.clause) if tried.clause else "",
        "fault": tried.outcome.fault if tried.outcome else None,
        "answer": answer_of(tried.outcome.response) if tried.outcome else None,
        "event": event,
        "happened_at": happened_at,
    }


def _line(effect: Rehearsed, names: Mapping[int, str], quiet: Collection[str]) -> str:
    params = effect.params
    who = next((_who(params[name], names) for name in _WHO if params.get(name) is not None), "")
    what = next((str(params[name]) for name in _WHAT if params.get(name)), "")
    told = ": ".join(part for part in (who, f"“{_short(what)}”" if what else "") if part)
    skipped = effect.result.get("skipped")
    said = isinstance(skipped, str) and skipped not in quiet
    left_out = f" (left out: {skipped.replace('_', ' ')})" if said else ""
    return f"{told or effect.action}{left_out}"


def _who(value: Any, names: Mapping[int, str]) -> str:
    if isinstance(value, list):
        return f"{len(value)} members"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    return names.get(value, f"member {value}") if isinstance(value, int) else str(value)


def _names(effects: Iterable[Rehearsed]) -> dict[int, str]:
    wanted = {effect.params.get(name) for effect in effects for name in _WHO}
    ids = [value for value in wanted if isinstance(value, int)]
    return dict(Member.objects.filter(pk__in=ids).values_list("pk", "display_name"))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
