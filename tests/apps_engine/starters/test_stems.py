"""The words of a sentence without their endings."""

from __future__ import annotations

from apps_engine.starters import content_stems


def test_endings_and_other_names_for_the_same_count_as_the_same():
    assert content_stems("posted newsletters to users") == content_stems("posting digests for members")
