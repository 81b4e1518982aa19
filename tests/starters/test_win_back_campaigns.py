"""Win-back campaigns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Member
from decommerce.community.services.posts import NewPost, create_posts

pytestmark = pytest.mark.requirement("APP-09")


def away(stage, member: Member, days: float) -> None:
    """The member was last active so many days ago."""
    with stage.community():
        Member.objects.filter(pk=member.pk).update(last_active_at=timezone.now() - timedelta(days=days))


def test_who_has_just_become_quiet_gets_an_email_and_nobody_else(stage, people):
    ada, ben, cleo, dora = people("Ada", "Ben", "Cleo", "Dora")
    for member, days in ((ada, 29), (ben, 31), (cleo, 36), (dora, 40)):
        away(stage, member, days)
    app = stage.create("win-back-campaigns", subject="Where are you?")
    stage.fire(app)
    assert [(mail.member.display_name, mail.subject) for mail in stage.mails(app)] == [
        ("Cleo", "Where are you?"),
        ("Ben", "Where are you?"),
    ]


def test_the_first_email_shows_what_was_liked_meanwhile_and_only_then_says_so(stage, people):
    ada, ben = people("Ada", "Ben")
    away(stage, ben, 31)
    app = stage.create("win-back-campaigns")
    stage.fire(app)
    assert "talked about" not in stage.mails(app)[0].body
    with stage.community():
        create_posts([NewPost(ada.pk, "Text.", "Roasting at home")])
    away(stage, ada, 31)
    stage.run(app)
    assert "talked about:\n\n- Roasting at home" in stage.mails(app)[-1].body


def test_nobody_is_written_to_again_until_they_came_back(stage, people):
    (ada,) = people("Ada")
    app = stage.create("win-back-campaigns")
    away(stage, ada, 31)
    for _ in range(3):
        stage.run(app)
    assert len(stage.mails(app)) == 1
    # She came back, and went quiet again.
    away(stage, ada, 33)
    stage.run(app)
    assert len(stage.mails(app)) == 2


def test_the_second_email_brings_a_gift_once(stage, people):
    (ada,) = people("Ada")
    away(stage, ada, 76)
    app = stage.create("win-back-campaigns", gift=40)
    stage.run(app)
    away(stage, ada, 77)
    stage.run(app)
    assert [(entry.member.display_name, entry.amount) for entry in stage.xp(app)] == [("Ada", 40)]
    assert len(stage.mails(app)) == 2
    assert "put 40 XP on your account" in stage.mails(app)[0].body


def test_on_the_imported_community(stage, dump):
    app = stage.create("win-back-campaigns", first_after=21)
    stage.fire(app)
    quiet = {
        f"se:{row['Id']}"
        for row in dump.users()
        if timedelta(days=21) < dump.age(row["LastAccessDate"]) < timedelta(days=28)
    }
    mails = stage.mails(app)
    assert {mail.member.external_id for mail in mails} == quiet
    assert len(mails) == len(quiet) > 0
    stage.tell(app, f"Wrote “{mails[0].subject}” to the {len(mails)} members who went quiet three weeks ago.")
