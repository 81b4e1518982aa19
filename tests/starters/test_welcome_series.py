"""Welcome series."""

from __future__ import annotations

from datetime import timedelta

import pytest

from decommerce.community.models import Channel, NotificationPreference
from decommerce.community.services.posts import create_post

pytestmark = pytest.mark.requirement("APP-09")


def subjects(stage, app, member) -> list[str]:
    """What was sent to a member, in order."""
    return [mail.subject for mail in stage.mails(app) if mail.member_id == member.pk and mail.state == "queued"]


def test_who_wrote_is_not_invited_to_write_and_everybody_sees_what_was_liked(stage, people):
    app = stage.create("welcome-series", invite_after=3, look_after=7)
    ada, ben = people("Ada", "Ben")
    stage.work()
    assert subjects(stage, app, ada) == subjects(stage, app, ben) == ["Welcome to Acme"]
    with stage.community():
        create_post(author_id=ada.pk, title="Hello all", body="I brew coffee.")
    stage.pass_time(days=2)
    stage.work()
    assert len(stage.mails(app)) == 2
    stage.pass_time(days=1)
    stage.work()
    assert subjects(stage, app, ada) == ["Welcome to Acme"]
    assert subjects(stage, app, ben) == ["Welcome to Acme", "Say hello to Acme"]
    stage.pass_time(days=4)
    stage.work()
    assert subjects(stage, app, ada) == ["Welcome to Acme", "What people liked at Acme"]
    assert "- Hello all" in stage.mails(app)[-1].body


def test_the_texts_are_those_of_the_admin(stage, people):
    app = stage.create("welcome-series", welcome="Nice to meet you!\nHave 'fun' & \"joy\".", sign_off="Cleo")
    people("Ada")
    stage.work()
    (mail,) = stage.mails(app)
    assert mail.body == "Hello Ada,\n\nNice to meet you!\nHave 'fun' & \"joy\".\n\nCleo"


def test_who_declines_or_was_suspended_hears_nothing_more(stage, people):
    app = stage.create("welcome-series")
    ada, ben = people("Ada", "Ben")
    stage.work()
    with stage.community():
        NotificationPreference.objects.create(member=ada, channel=Channel.EMAIL, topic="welcome", enabled=False)
        ben.status = "suspended"
        ben.save()
    stage.pass_time(days=30)
    stage.work()
    assert subjects(stage, app, ada) == subjects(stage, app, ben) == ["Welcome to Acme"]


def test_in_a_community_without_posts_there_is_nothing_to_look_at(stage, people):
    app = stage.create("welcome-series")
    (ada,) = people("Ada")
    stage.work()
    stage.pass_time(days=30)
    stage.work()
    assert subjects(stage, app, ada) == ["Welcome to Acme", "Say hello to Acme"]


def test_on_the_imported_community(stage, dump, people):
    app = stage.create("welcome-series", look_after=2)
    (ada,) = people("Ada")
    stage.work()
    stage.pass_time(days=2)
    stage.work()
    lately = [row for row in dump.questions() if dump.age(row["CreationDate"]) < timedelta(days=28)]
    best = sorted(lately, key=lambda row: (-int(row["Score"]), -int(row["CommentCount"])))[:5]
    assert subjects(stage, app, ada) == ["Welcome to Acme", "What people liked at Acme"]
    shown = [line[2:] for line in stage.mails(app)[-1].body.splitlines() if line.startswith("- ")]
    assert shown == [row["Title"] for row in best]
    stage.tell(app, f"Welcomed a new member, and two days later showed them what was liked most: “{shown[0]}”.")
