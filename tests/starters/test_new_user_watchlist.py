"""New user watchlist."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Member, Post
from decommerce.community.services.posts import create_post

pytestmark = pytest.mark.requirement("APP-09")


@pytest.fixture
def moderator(stage, make_admin):
    """Who hears of newcomers."""
    return make_admin(stage.tenant, "moderator")


def write(stage, member, body: str = "Hello, I am new here.", title: str = "Hello") -> Post:
    """The member writes a post, and apps see it."""
    with stage.community():
        post = create_post(author_id=member.pk, title=title, body=body)
    stage.work()
    return post


def test_moderators_hear_of_the_first_post_of_the_day(stage, people, moderator):
    app = stage.create("new-user-watchlist")
    (ada,) = people("Ada")
    post = write(stage, ada)
    write(stage, ada)
    (told,) = stage.notifications(app)
    assert (told.member_id, told.title) == (moderator.pk, "New member Ada wrote a post")
    assert (told.body, told.link) == ("“Hello” Hello, I am new here.", f"/community/posts/{post.pk}/")
    assert stage.flags(app) == []


@pytest.mark.parametrize("body", ["Buy at http://x.example", "See https://x.example/a", "Look: www.x.example"])
def test_a_link_is_flagged(stage, people, moderator, body):
    app = stage.create("new-user-watchlist")
    post = write(stage, people("Ada")[0], body)
    assert [(flag.post_id, flag.severity) for flag in stage.flags(app)] == [(post.pk, "medium")]
    assert stage.flags(app)[0].post.status == "published"


def test_a_flagged_post_can_be_hidden_at_once(stage, people, moderator):
    app = stage.create("new-user-watchlist", hide=True)
    write(stage, people("Ada")[0], "http://x.example")
    assert stage.flags(app)[0].post.status == "review"


def test_links_can_be_let_through(stage, people, moderator):
    app = stage.create("new-user-watchlist", links=False)
    write(stage, people("Ada")[0], "http://x.example")
    assert stage.flags(app) == []


def test_a_rush_is_flagged_from_the_post_that_is_one_too_many(stage, people, moderator):
    app = stage.create("new-user-watchlist", an_hour=3)
    (ada,) = people("Ada")
    posts = [write(stage, ada, f"Post {number}") for number in range(4)]
    assert [flag.post_id for flag in stage.flags(app)] == [post.pk for post in posts[2:]]
    assert stage.flags(app)[0].reason == "A new member wrote 3 posts within an hour"


def test_who_was_here_longer_or_belongs_to_the_team_is_not_watched(stage, people, moderator):
    app = stage.create("new-user-watchlist", days=14)
    (ada,) = people("Ada")
    with stage.community():
        Member.objects.filter(pk=ada.pk).update(joined_at=timezone.now() - timedelta(days=15))
    write(stage, ada, "http://x.example")
    write(stage, moderator, "http://x.example")
    assert stage.notifications(app) == stage.flags(app) == []


def test_on_the_imported_community(stage, dump, moderator):
    """Those who joined within the last two weeks ask their first question again."""
    app = stage.create("new-user-watchlist")
    newest = sorted(dump.users(), key=lambda row: dump.age(row["CreationDate"]))[:20]
    with stage.community():
        for row in newest:
            member = Member.objects.get(external_id=f"se:{row['Id']}")
            create_post(author_id=member.pk, title="Hello", body=row.get("AboutMe") or "I am new here.")
    stage.work()
    watched = [row for row in newest if dump.age(row["CreationDate"]) < timedelta(days=14)]
    linking = {
        f"se:{row['Id']}"
        for row in watched
        if any(sign in row.get("AboutMe", "") for sign in ("http://", "https://", "www."))
    }
    with stage.community():
        flagged = {flag.post.author.external_id for flag in stage.flags(app)}
    assert flagged == linking
    assert len(stage.notifications(app)) == len(watched) > 0
    stage.tell(app, f"Told the moderators of {len(watched)} newcomers' posts, and flagged {len(linking)} for a link.")
