"""The heuristics on posts that people wrote and voted on: good enough for a demo, and how good is measured here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import pytest
from defusedxml.ElementTree import parse

from decommerce.intelligence.offline.quality import quality
from decommerce.intelligence.offline.texts import plain_text
from decommerce.intelligence.offline.topics import topics
from decommerce.intelligence.offline.toxicity import toxicity
from decommerce.intelligence.offline.words import language_of

pytestmark = pytest.mark.requirement("ACT-04")

DUMP = Path(__file__).resolve().parents[5] / "shared" / "data" / "stackexchange"


@pytest.fixture(scope="module")
def posts() -> Sequence[tuple[int, str, str]]:
    """Votes, text and tags of each question and answer."""
    if not DUMP.exists():
        pytest.skip(f"no dump of a forum at {DUMP}")
    rows = parse(DUMP / "Posts.xml").getroot()
    return [
        (int(row.get("Score")), plain_text(f"{row.get('Title', '')}\n{row.get('Body')}"), row.get("Tags") or "")
        for row in rows
        if row.get("PostTypeId") in ("1", "2")
    ]


@pytest.fixture(scope="module")
def comments(posts) -> Sequence[str]:
    return [row.get("Text") for row in parse(DUMP / "Comments.xml").getroot()]


def test_what_looks_poor_was_voted_worse(posts):
    by_label: dict[str, list[int]] = {"good": [], "fair": [], "poor": []}
    for votes, text, _ in posts:
        by_label[quality(text).label].append(votes)
    assert len(by_label["good"]) > 100
    assert mean(by_label["poor"]) < mean(by_label["good"]) - 2
    shares = {label: sum(vote < 0 for vote in votes) / len(votes) for label, votes in by_label.items()}
    assert shares["poor"] > 3 * shares["good"]


def test_a_post_scores_higher_than_a_comment_in_more_than_four_cases_of_five(posts, comments):
    of_posts = [quality(text).score for _, text, _ in posts]
    of_comments = [quality(text).score for text in comments]
    wins = sum(post > comment for post in of_posts for comment in of_comments)
    assert wins / len(of_posts) / len(of_comments) > 0.8


def test_friendly_people_are_not_accused(posts, comments):
    accused = [text for text in (*(text for _, text, _ in posts), *comments) if toxicity(text).label == "toxic"]
    assert accused == []


def test_the_language_is_known(posts):
    assert sum(language_of(text) == "en" for _, text, _ in posts) > 0.95 * len(posts)


def test_a_tag_that_people_gave_is_often_among_the_topics(posts):
    tagged = [(text, tags.strip("<|>").replace("><", "|").split("|")) for _, text, tags in posts if tags]
    hits = sum(
        any(part[:5] in " ".join(topics(text)) for tag in tags for part in tag.split("-")) for text, tags in tagged
    )
    assert hits > len(tagged) / 2
