"""The way to a provider and back loses nothing of what a model says, asks and calls (CHT-01)."""

from __future__ import annotations

import pytest

from chat.composer.offline_composer import OfflineComposer
from tests.evaluation.case import cases
from tests.evaluation.report import evaluate, prepare, table
from tests.evaluation.scripted import scripted_model

pytestmark = pytest.mark.requirement("CHT-01")
# Each kind of request once: asked back, refined, refused, explained, injected.
MOST_OF_A_KIND = 1


def test_what_comes_over_the_wire_is_as_right_as_what_is_said_here(person):
    prepare(person)
    kinds: dict[str, list] = {}
    for case in cases():
        kinds.setdefault(case.kind, []).append(case)
    chosen = [case for group in kinds.values() for case in group[:MOST_OF_A_KIND]]
    here = evaluate(person, OfflineComposer, chosen)
    with scripted_model(person) as model:
        there = evaluate(person, lambda _: model, chosen)
    assert [result.faults for result in there] == [result.faults for result in here], table("scripted", there)
    assert [result.valid for result in there] == [result.valid for result in here]
    assert [result.questions for result in there] == [result.questions for result in here]
