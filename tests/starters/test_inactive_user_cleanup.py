"""Inactive user cleanup."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Member

pytestmark = pytest.mark.requirement("APP-09")


@pytest.fixture
def sleepers(stage, people, make_admin):
    """Ada and Ben were away for very long, an admin too; Cleo for a while."""
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    admin = make_admin(stage.tenant)
    with stage.community():
        for member, days in ((ada, 400), (ben, 900), (cleo, 300), (admin, 800)):
            Member.objects.filter(pk=member.pk).update(last_active_at=timezone.now() - timedelta(days=days))
    return ada, ben, cleo, admin


def suspended(stage) -> set[str]:
    with stage.community():
        return set(Member.objects.filter(status="suspended").values_list("display_name", flat=True))


def test_who_stays_away_after_the_warning_is_suspended_and_the_admins_hear_of_it(stage, sleepers):
    ada, _, _, admin = sleepers
    app = stage.create("inactive-user-cleanup", notice=10)
    stage.fire(app)
    assert [mail.member.display_name for mail in stage.mails(app)] == ["Ben", "Ada"]
    assert "within the next 10 days" in stage.mails(app)[0].body
    stage.pass_time(days=9)
    stage.work()
    assert suspended(stage) == set()
    with stage.community():
        Member.objects.filter(pk=ada.pk).update(last_active_at=timezone.now())
    stage.pass_time(days=1)
    stage.work()
    assert suspended(stage) == {"Ben"}
    (told,) = stage.notifications(app)
    assert (told.member_id, told.title) == (admin.pk, "Inactive members: 1 did not come back")
    assert told.body == "They were suspended: Ben"


def test_it_can_only_tell(stage, sleepers):
    app = stage.create("inactive-user-cleanup", suspend=False)
    stage.fire(app)
    stage.pass_time(days=14)
    stage.work()
    assert suspended(stage) == set()
    assert stage.notifications(app)[0].body == "Nobody was suspended: Ben, Ada"


def test_no_more_than_so_many_those_who_were_away_longest_first(stage, sleepers):
    app = stage.create("inactive-user-cleanup", most=1)
    stage.fire(app)
    stage.pass_time(days=14)
    stage.work()
    assert [mail.member.display_name for mail in stage.mails(app)] == ["Ben"]
    assert suspended(stage) == {"Ben"}


def test_where_nobody_was_away_nothing_happens_and_nothing_waits(stage, people, make_admin):
    people("Ada")
    make_admin(stage.tenant)
    app = stage.create("inactive-user-cleanup")
    (run,) = stage.fire(app)
    assert run.state == "succeeded"
    assert stage.mails(app) == stage.notifications(app) == []


def test_on_the_imported_community(stage, whole_dump, make_admin):
    make_admin(stage.tenant)
    app = stage.create("inactive-user-cleanup", away=730, most=500)
    stage.fire(app)
    stage.pass_time(days=14)
    stage.work()
    gone = {f"se:{row['Id']}" for row in whole_dump.users() if whole_dump.age(row["LastAccessDate"]).days >= 730}
    assert {mail.member.external_id for mail in stage.mails(app)} == gone
    with stage.community():
        assert set(Member.objects.filter(status="suspended").values_list("external_id", flat=True)) == gone
    assert f"{len(gone)} did not come back" in stage.notifications(app)[0].title
    stage.tell(app, f"Warned {len(gone)} members who had been away for two years, and suspended them two weeks later.")
