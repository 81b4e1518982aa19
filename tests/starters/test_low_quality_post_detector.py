"""Low-quality post detector, with the offline heuristics as its judge."""

from __future__ import annotations

import pytest

from decommerce.community.models import Post
from decommerce.community.services.posts import announce_posts, create_post

pytestmark = pytest.mark.requirement("APP-09")

GOOD = (
    "I have roasted my own beans for two years now, and the first crack still surprises me. "
    "What helped most was writing down the time and the temperature of every batch. "
    "Which notes do you keep, and how do you compare one roast with the next?"
)
POOR = "BUY BUY BUY BUY NOW!!!! CHEAP CHEAP CHEAP!!!! http://x.example http://x.example http://x.example"


@pytest.fixture
def moderator(stage, make_admin):
    """Who hears of what was flagged."""
    return make_admin(stage.tenant, "moderator")


def write(stage, member, body: str, title: str = "About roasting") -> Post:
    """The member writes a post, and apps see it."""
    with stage.community():
        post = create_post(author_id=member.pk, title=title, body=body)
    stage.work()
    return post


def test_a_very_short_post_is_flagged_without_asking_any_model(stage, people, moderator):
    app = stage.create("low-quality-post-detector", shortest=40)
    post = write(stage, people("Ada")[0], "Nice one.")
    (flag,) = stage.flags(app)
    assert (flag.post_id, flag.reason, flag.severity) == (post.pk, "Only 9 characters", "low")
    (told,) = stage.notifications(app)
    assert (told.member_id, told.body) == (moderator.pk, "“About roasting” by Ada was flagged.")
    assert stage.runs(app)[0].usage.get("ai", 0) == 0


def test_a_poor_post_is_flagged_with_the_reasons_and_a_good_one_is_left_alone(stage, people, moderator):
    app = stage.create("low-quality-post-detector")
    (ada,) = people("Ada")
    write(stage, ada, GOOD)
    post = write(stage, ada, POOR, title="")
    (flag,) = stage.flags(app)
    assert (flag.post_id, flag.severity, flag.post.status) == (post.pk, "medium", "published")
    assert flag.reason.startswith("Quality ")
    assert "the same words again and again" in flag.reason
    assert stage.notifications(app)[0].body.startswith("“BUY BUY BUY")
    assert [run.usage["ai"] for run in stage.runs(app)] == [1, 1]


def test_without_the_judge_only_the_length_counts(stage, people, moderator):
    app = stage.create("low-quality-post-detector", use_ai=False, shortest=20, hide=True)
    (ada,) = people("Ada")
    write(stage, ada, POOR)
    short = write(stage, ada, "Nice one.")
    assert [(flag.post_id, flag.post.status) for flag in stage.flags(app)] == [(short.pk, "review")]


def test_the_team_is_left_alone(stage, moderator):
    app = stage.create("low-quality-post-detector")
    write(stage, moderator, "Closed.")
    assert stage.flags(app) == []


def test_on_the_imported_community(stage, dump, moderator):
    """Every imported post is announced as if it were written now."""
    app = stage.create("low-quality-post-detector", shortest=250, use_ai=False)
    with stage.community():
        posts = list(Post.objects.order_by("pk"))
        announce_posts(posts)
    stage.work()
    short = {post.pk: len(post.body) for post in posts if len(post.body) < 250}
    assert {flag.post_id: flag.reason for flag in stage.flags(app)} == {
        pk: f"Only {length} characters" for pk, length in short.items()
    }
    assert len(stage.notifications(app)) == len(short) > 0
    stage.tell(app, f"Looked at {len(posts)} posts and flagged the {len(short)} that are shorter than 250 characters.")
