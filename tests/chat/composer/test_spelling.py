"""Misspelt words (CHT-01)."""

from __future__ import annotations

import pytest

from apps_engine.starters import vocabulary
from chat.composer.spelling import corrected
from chat.composer.spoken import SPOKEN

pytestmark = pytest.mark.requirement("CHT-01")
KNOWN = vocabulary() | SPOKEN


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("emial inactiv membrs", "email inactive members"),
        ("evry tuesday", "every tuesday"),
        ("flag posts shorter than 80 characters", "flag posts shorter than 80 characters"),
        ('tell them "helo membrs"', 'tell them "helo membrs"'),
        ("call https://exmple.com/membrs", "call https://exmple.com/membrs"),
    ],
)
def test_a_word_that_nobody_knows_becomes_the_one_it_looks_like(written, meant):
    assert corrected(written, KNOWN) == meant
