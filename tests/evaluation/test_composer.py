"""The offline composer against the requests of the evaluation (CHT-01, CHT-09)."""

from __future__ import annotations

import pytest

from chat.composer.offline_composer import OfflineComposer
from tests.evaluation.case import cases
from tests.evaluation.report import evaluate, prepare, rates, table

pytestmark = [pytest.mark.requirement("CHT-01"), pytest.mark.requirement("CHT-09")]

RIGHT_AT_LEAST, VALID_AT_LEAST = 0.85, 0.99


def test_of_what_people_ask_for_most_comes_out_right_and_nearly_all_of_it_valid(person):
    prepare(person)
    results = evaluate(person, OfflineComposer, cases())
    print(table("offline composer", results))
    right, valid = rates(results)
    assert right >= RIGHT_AT_LEAST
    assert valid >= VALID_AT_LEAST
    right, _ = rates(result for result in results if result.case.held_out)
    assert right >= RIGHT_AT_LEAST, "also where nobody looked"
