"""Ready-made reports for the admins."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from decommerce.community.models import Member
from decommerce.community.services.comments import NewComment, create_comments
from decommerce.community.services.missions import NewMission, create_missions
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.community.services.rooms import create_room
from decommerce.community.services.user_missions import complete_missions, start_missions
from tests.imported import SHOPPER
from tests.starters.imported import shop_file
from tests.starters.shop import StageShop

pytestmark = pytest.mark.requirement("APP-09")

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@pytest.fixture
def admin(stage, make_admin) -> Member:
    """Who reads the reports."""
    return make_admin(stage.tenant)


def lines(body: str, heading: str) -> list[str]:
    """The lines below a heading, without their numbers or dashes."""
    found = body.partition(heading)[2].strip().split("\n\n")[0].splitlines()
    return [line.split(" ", 1)[1] for line in found]


def report(stage, app) -> str:
    """The one e-mail that was written."""
    [mail] = stage.mails(app)
    return mail.body


def write(stage, member, *titles: str, **fields) -> list[int]:
    with stage.community():
        return [made.post_id for made in create_posts([NewPost(member.pk, "Text.", t, **fields) for t in titles])]


def test_the_week_in_figures_goes_to_the_admins_beside_the_week_before(stage, people, admin):
    ada = people("Ada", "Ben")[0]
    write(stage, ada, "Old", "Older")
    stage.pass_time(days=8)
    write(stage, ada, "New")
    app = stage.create("weekly-admin-report")
    stage.fire(app)
    stage.run(app)
    assert [mail.member for mail in stage.mails(app)] == [admin]
    told = lines(report(stage, app), "seven days:")
    assert "Posts of any kind: 1 (before: 2)" in told
    assert "New members: 0 (before: 3)" in told


def test_the_figures_of_the_imported_community(stage, dump, admin):
    app = stage.create("weekly-admin-report")
    stage.fire(app)
    told = lines(report(stage, app), "seven days:")
    for label, rows in (("Posts of any kind", dump.posts()), ("Comments", dump.comments())):
        ages = [dump.age(row["CreationDate"]) for row in rows]
        this, before = (len([age for age in ages if start <= age < start + WEEK]) for start in (timedelta(), WEEK))
        assert f"{label}: {this} (before: {before})" in told
    stage.tell(app, f"Wrote the admin {len(told)} figures, such as “{told[2]}”.")


def test_who_did_much_and_does_little_now_is_told_of(stage, people, admin):
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    write(stage, ada, *"abcdefgh")
    write(stage, ben, *"abcdefgh")
    write(stage, cleo, *"ab")
    stage.pass_time(days=31)
    write(stage, ben, *"abc")
    write(stage, ada, "a")
    app = stage.create("churn-risk-alerts", before=5, drop=75)
    stage.fire(app)
    stage.run(app)
    [told] = stage.notifications(app)
    assert (told.member, told.title) == (admin, "1 member went quiet")
    assert told.body.startswith("- Ada: 1 (before: 8)")


def deeds(dump, since: timedelta, until: timedelta) -> Counter:
    """What each user did between two ages: posts and comments."""
    rows = [*((row["OwnerUserId"], row) for row in dump.posts()), *((row["UserId"], row) for row in dump.comments())]
    return Counter(user for user, row in rows if since <= dump.age(row["CreationDate"]) < until)


def test_those_at_risk_in_the_imported_community(stage, dump, admin):
    app = stage.create("churn-risk-alerts", before=5, drop=100)
    stage.fire(app)
    now, before = deeds(dump, timedelta(), MONTH), deeds(dump, MONTH, 2 * MONTH)
    quiet = {dump.name_of(user) for user, count in before.items() if count >= 5 and not now[user]}
    [told] = stage.notifications(app)
    named = {line.rpartition(": 0 (before: ")[0] for line in told.body.replace("- ", "").splitlines()}
    assert quiet <= named
    stage.tell(app, f"Told the admin of {len(named)} members who were active a month ago and are silent now.")


def test_what_was_liked_and_what_waits_for_an_answer(stage, people, admin):
    ada, ben = people("Ada", "Ben")
    question, answered = write(stage, ada, "How?", "Why?", kind="question")
    write(stage, ben, "", parent_id=answered, kind="answer")
    with stage.community():
        create_comments([NewComment(answered, ben.pk, "Good one.")])
    app = stage.create("content-performance")
    stage.fire(app)
    body = report(stage, app)
    assert lines(body, "posts of the week:") == [
        "Why?: 0 points, 1 comments, 1 answers",
        "How?: 0 points, 0 comments, 0 answers",
    ]
    assert lines(body, "wait for an answer:") == ["How? (0 days)"]
    assert question


def test_the_content_of_the_imported_community(stage, dump, admin):
    app = stage.create("content-performance", posts=50)
    stage.fire(app)
    answered = {row["ParentId"] for row in dump.answers()}
    month = [row for row in dump.questions() if dump.age(row["CreationDate"]) < MONTH]
    waiting = {row["Title"] for row in month if row["Id"] not in answered}
    week = [row for row in dump.questions() if dump.age(row["CreationDate"]) < WEEK]
    body = report(stage, app)
    assert ("wait for an answer:" in body) == bool(waiting)
    assert len(lines(body, "posts of the week:")) == len(week) > 0
    stage.tell(app, f"Reported {len(week)} questions of the week; {len(waiting)} wait for an answer.")


def missions(stage, members) -> None:
    """One mission that all completed, one that half did, one that nobody took on."""
    with stage.community():
        easy, hard, _ = create_missions([NewMission("Easy"), NewMission("Hard"), NewMission("Unknown")])
        for mission, share in ((easy, 1), (hard, 2)):
            start_missions([(mission.mission_id, member.pk) for member in members])
            complete_missions([(mission.mission_id, member.pk) for member in members[::share]])


def test_missions_are_told_of_the_most_effective_first(stage, people, admin):
    missions(stage, people("Ada", "Ben", "Cleo", "Dora"))
    app = stage.create("mission-effectiveness")
    stage.fire(app)
    told = lines(report(stage, app), "effective first:")
    assert told == ["Easy: 4 of 4 completed it", "Hard: 2 of 4 completed it"]


def test_missions_in_the_imported_community(stage, dump, admin):
    with stage.community():
        members = list(Member.objects.filter(external_id__startswith="se:").order_by("pk")[:30])
    missions(stage, members)
    app = stage.create("mission-effectiveness")
    stage.fire(app)
    told = lines(report(stage, app), "effective first:")
    assert told == ["Easy: 30 of 30 completed it", "Hard: 15 of 30 completed it"]
    stage.tell(app, f"Compared two missions: {told[0]}, {told[1]}.")


def test_active_members_are_compared_with_quiet_ones(stage, people, admin):
    shop = StageShop(stage)
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    write(stage, cleo, "Old")
    stage.pass_time(days=40)
    write(stage, ada, "New")
    for member, total in ((ada, "30.00"), (ada, "10.00"), (cleo, "5.50")):
        shop.order(member.email, total)
    app = stage.create("shop-community-correlation")
    stage.fire(app)
    body = report(stage, app)
    assert "within thirty days: 1, of whom 1 bought; together 40.00, on average 40.00." in body
    # Ben, Cleo and the admin.
    assert "did not: 3, of whom 1 bought; together 5.50, on average 1.83." in body
    assert ben


def test_the_imported_shopper_is_compared_with_the_rest(stage, dump, admin):
    app = stage.create("shop-community-correlation")
    stage.fire(app)
    body = report(stage, app)
    [order] = shop_file("orders")["orders"]
    refunded = sum(Decimal(entry["amount"]) for entry in shop_file("refund")["refund"]["transactions"])
    assert f"together {Decimal(order['total_price']) - refunded}" in body
    assert body.count("of whom 1 bought") == body.count("of whom 0 bought") == 1
    stage.tell(app, f"Compared {len(dump.users())} members; the one who bought is {SHOPPER}.")


def test_rooms_are_told_of_and_those_that_fell_silent_apart(stage, people, admin):
    (ada,) = people("Ada")
    with stage.community():
        tea, brewing = create_room("Tea"), create_room("Brewing")
    write(stage, ada, "One", "Two", room_id=tea.pk)
    write(stage, ada, "Three", room_id=brewing.pk)
    stage.pass_time(days=8)
    write(stage, ada, "Four", room_id=brewing.pk, kind="question")
    app = stage.create("room-health")
    stage.fire(app)
    body = report(stage, app)
    assert lines(body, "of the week:") == [
        "Brewing: 1 posts (before: 1), 1 active, 1 unanswered",
        "Tea: 0 posts (before: 2), 0 active, 0 unanswered",
    ]
    assert lines(body, "Fell silent this week:") == ["Tea"]


def test_the_rooms_of_the_imported_community(stage, dump, admin):
    app = stage.create("room-health", rooms=100)
    stage.fire(app)
    told = lines(report(stage, app), "of the week:")
    tags = {row["Id"]: row["Tags"].strip("<>|").replace("><", "|").split("|")[0] for row in dump.questions()}
    week = [row for row in dump.posts() if dump.age(row["CreationDate"]) < WEEK]
    assert sum(int(line.split(": ")[-2 if "before" in line else -1].split()[0]) for line in told) == len(week)
    assert len(told) >= len(set(tags.values()))
    stage.tell(app, f"Reported {len(told)} rooms, first “{told[0]}”.")
