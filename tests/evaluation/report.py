"""Putting every request to a model, and how much of it came out right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chat.model.port import Model
from decommerce.community.services.rooms import create_room
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal
from tests.evaluation.case import Case
from tests.evaluation.checker import faults_of, is_valid
from tests.evaluation.talk import Talk

ROOMS = ("General", "Gear", "Introductions", "Shop news")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case. `valid` is None where nothing was proposed."""

    case: Case
    faults: list[str]
    valid: bool | None
    questions: int

    @property
    def right(self) -> bool:
        """Whether it is what was asked for."""
        return not self.faults


def prepare(principal: Principal) -> None:
    """The rooms that the requests speak of."""
    with tenant_scope(principal.tenant_id):
        for name in ROOMS:
            create_room(name)


def evaluate(principal: Principal, model_for: Callable[[Principal], Model], cases: Iterable[Case]) -> list[Result]:
    """Every case in a conversation of its own."""
    return [_result(principal, model_for(principal), case) for case in cases]


def _result(principal: Principal, model: Model, case: Case) -> Result:
    talk = Talk(model, principal)
    try:
        asyncio.run(talk.hold(case.say))
        definition = asyncio.run(talk.definition())
    except Exception as error:  # noqa: BLE001 - whatever breaks, the request has not come out right
        return Result(case, [f"it broke: {error!r}"], None, talk.questions)
    with tenant_scope(principal.tenant_id):
        faults = faults_of(case, principal, definition, talk.texts, [call.name for call in talk.calls])
        valid = None if definition is None else is_valid(principal, definition)
    return Result(case, faults, valid, talk.questions)


def rates(results: Iterable[Result]) -> tuple[float, float]:
    """The share that is right, and the share of the proposals that is valid: of none, all."""
    every = list(results)
    proposed = [result.valid for result in every if result.valid is not None] or [True]
    return sum(result.right for result in every) / len(every), sum(proposed) / len(proposed)


def table(name: str, results: list[Result], *, held_out: bool = False) -> str:
    """The rates by kind of request, and what is wrong with each; of those that are held out only where asked for."""
    lines = [f"{name}: {len(results)} requests"]
    kinds = sorted({result.case.kind for result in results})
    groups = [(kind, [result for result in results if result.case.kind == kind]) for kind in kinds]
    groups += [("tuned for", [result for result in results if not result.case.held_out])]
    groups += [("held out", [result for result in results if result.case.held_out]), ("all", results)]
    for title, group in groups:
        right, valid = rates(group)
        count = f"{sum(one.right for one in group)}/{len(group)}"
        lines.append(f"  {title:<14} {count:>8} right {right:>5.0%}   valid {valid:.0%}")
    questions = sum(result.questions for result in results) / len(results)
    lines.append(f"  {questions:.1f} questions a request")
    shown = (result for result in results if result.faults and (held_out or not result.case.held_out))
    lines += [f"  {result.case.id}: {'; '.join(result.faults)}" for result in shown]
    return "\n".join(lines)
