"""Misspelt words (CHT-01)."""

from __future__ import annotations

import pytest

from chat.composer.shelf import vocabulary
from chat.composer.spoken import SPOKEN
from chat.composer.stems import content_stems, corrected

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


def test_endings_and_other_names_for_the_same_count_as_the_same():
    assert content_stems("posted newsletters to users") == content_stems("posting digests for members")
