"""Engagement score calculator."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from decommerce.community.models import Member, Post
from decommerce.community.services.comments import NewComment, create_comments
from decommerce.community.services.posts import create_post
from decommerce.community.services.reactions import NewReaction, add_reactions

pytestmark = pytest.mark.requirement("APP-09")


def scores(stage) -> dict[str, Decimal]:
    """The score of every member that has one."""
    with stage.community():
        rows = Member.objects.exclude(engagement_score=0).values_list("display_name", "engagement_score")
        return dict(rows)


@pytest.fixture
def month(stage, people):
    """Ada asks, Ben answers and comments, Cleo likes both; Dora was active half a year ago."""
    ada, ben, cleo, dora = people("Ada", "Ben", "Cleo", "Dora")
    with stage.community():
        question = create_post(author_id=ada.pk, title="How?", body="How do you roast?")
        answer = create_post(author_id=ben.pk, body="In a pan.", parent_id=question.pk)
        create_comments([NewComment(question.pk, ben.pk, "Good question.")])
        add_reactions([NewReaction(question.pk, cleo.pk), NewReaction(answer.pk, cleo.pk)])
        old = create_post(author_id=dora.pk, title="Long ago", body="It was.")
        Post.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
        Member.objects.filter(pk=dora.pk).update(engagement_score=77)
    stage.work()


def test_everyone_gets_what_they_wrote_and_what_came_back(stage, month):
    app = stage.create("engagement-score-calculator", post=5, answer=3, comment=2, reaction=1, tell=False)
    stage.fire(app)
    # Dora is silent by now; Cleo only liked.
    assert scores(stage) == {"Ada": Decimal(5 + 1), "Ben": Decimal(5 + 3 + 2 + 1)}


def test_you_decide_what_counts(stage, month):
    app = stage.create("engagement-score-calculator", post=0, answer=0, comment=100, reaction=0, tell=False)
    stage.fire(app)
    assert scores(stage) == {"Ben": Decimal(100)}


def test_counting_again_changes_nothing_and_tells_nobody(stage, month):
    app = stage.create("engagement-score-calculator", tell=False)
    stage.fire(app)
    before = scores(stage)
    watching = stage.create("new-user-watchlist")
    stage.run(app)
    assert scores(stage) == before
    assert stage.runs(watching) == []


def test_the_admins_get_the_list_of_the_week_once(stage, month, make_admin):
    admin = make_admin(stage.tenant)
    app = stage.create("engagement-score-calculator", shown=3)
    stage.run(app)
    stage.fire(app)
    stage.fire(app)
    (told,) = stage.notifications(app)
    assert (told.member_id, told.body) == (admin.pk, "1. Ben: 11\n2. Ada: 6")


def test_on_the_imported_community(stage, dump):
    app = stage.create("engagement-score-calculator", post=5, answer=3, comment=2, reaction=1, tell=False)
    stage.fire(app)
    expected: Counter[str] = Counter()
    author = {row["Id"]: row["OwnerUserId"] for row in dump.posts()}
    for rows, date, worth, who in (
        (dump.posts(), "CreationDate", 5, lambda row: row["OwnerUserId"]),
        (dump.answers(), "CreationDate", 3, lambda row: row["OwnerUserId"]),
        (dump.comments(), "CreationDate", 2, lambda row: row["UserId"]),
        (dump.reactions(), "CreationDate", 1, lambda row: author[row["PostId"]]),
    ):
        for row in rows:
            if dump.age(row[date]) < timedelta(days=30):
                expected[f"se:{who(row)}"] += worth
    with stage.community():
        found = dict(Member.objects.exclude(engagement_score=0).values_list("external_id", "engagement_score"))
        best = Member.objects.order_by("-engagement_score")[0]
    assert found == {member: Decimal(score) for member, score in expected.items()}
    stage.tell(app, f"Scored {len(found)} members; {best.display_name} leads with {best.engagement_score:.0f}.")
