"""Weekly engagement digest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Channel, NotificationPreference, Post
from decommerce.community.services.posts import NewPost, create_posts

pytestmark = pytest.mark.requirement("APP-09")


@pytest.fixture
def week(stage, people):
    """Ada, Ben and Cleo, with four posts of this week and one of the last."""
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    with stage.community():
        written = create_posts([NewPost(ada.pk, "Text.", title) for title in ("One", "Two", "Three", "Four", "Old")])
        for result, score in zip(written, (3, 9, 1, 5, 99), strict=True):
            Post.objects.filter(pk=result.post_id).update(score=score)
        Post.objects.filter(title="Old").update(created_at=timezone.now() - timedelta(days=8))
    stage.work()
    return ada, ben, cleo


def test_everyone_who_was_active_gets_the_best_posts_of_the_week_in_order(stage, week):
    app = stage.create("weekly-digest", posts=3, subject="This week")
    stage.fire(app)
    mails = stage.mails(app)
    assert {mail.member.display_name for mail in mails} == {"Ada", "Ben", "Cleo"}
    assert {mail.subject for mail in mails} == {"This week"}
    assert "1. Two (Ada)\n2. Four (Ada)\n3. One (Ada)\n" in mails[0].body
    assert "Old" not in mails[0].body


def test_nobody_gets_it_twice_in_a_week(stage, week):
    app = stage.create("weekly-digest")
    stage.fire(app)
    stage.run(app)
    assert len(stage.mails(app)) == 3


def test_those_who_declined_or_were_away_get_none(stage, week):
    ada, ben, _ = week
    with stage.community():
        NotificationPreference.objects.create(member=ada, channel=Channel.EMAIL, topic="digest", enabled=False)
        ben.last_active_at = timezone.now() - timedelta(days=91)
        ben.save()
    app = stage.create("weekly-digest")
    stage.fire(app)
    assert {mail.member.display_name: mail.state for mail in stage.mails(app)} == {
        "Ada": "suppressed",
        "Cleo": "queued",
    }


def test_a_week_without_posts_is_quiet(stage, week):
    stage.pass_time(days=8)
    app = stage.create("weekly-digest")
    (run,) = stage.fire(app)
    assert run.state == "succeeded"
    assert stage.mails(app) == []


def test_on_the_imported_community(stage, dump):
    app = stage.create("weekly-digest", active_days=30)
    stage.fire(app)
    week = [row for row in dump.questions() if dump.age(row["CreationDate"]) < timedelta(days=7)]
    best = sorted(week, key=lambda row: (-int(row["Score"]), -int(row["CommentCount"])))[:5]
    readers = {row["Id"] for row in dump.users() if dump.age(row["LastAccessDate"]) < timedelta(days=30)}
    mails = stage.mails(app)
    assert {mail.member.external_id for mail in mails} == {f"se:{user}" for user in readers}
    shown = [line for line in mails[0].body.splitlines() if line[:1].isdecimal()]
    assert shown == [
        f"{place}. {shortened(row['Title'])} ({dump.name_of(row['OwnerUserId'])})" for place, row in enumerate(best, 1)
    ]
    stage.tell(
        app, f"Wrote to {len(mails)} members about the {len(best)} best posts of the week: “{best[0]['Title']}”."
    )


def shortened(title: str) -> str:
    return title if len(title) <= 90 else f"{title[:89]}…"
