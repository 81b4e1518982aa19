"""Ready-made posts: recaps, welcomes, products, events, milestones, highlights."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from apps_engine.services.starters import create_app_from
from decommerce.community.models import Member
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.tenancy.middleware import principal_of
from tests.google_server.calendar import timed
from tests.google_server.fixtures import ann, authority, connect, google, make_colleague
from tests.starters.imported import shop_file
from tests.starters.shop import StageShop

__all__ = ["ann", "authority", "connect", "google", "make_colleague"]

pytestmark = pytest.mark.requirement("APP-09")

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def write(stage, member, *titles: str) -> None:
    with stage.community():
        create_posts([NewPost(member.pk, "Text.", title) for title in titles])


def listed(body: str, heading: str) -> list[str]:
    """The lines below a heading, without their numbers or dashes."""
    lines = body.partition(heading)[2].strip().split("\n\n")[0].splitlines()
    return [line.split(" ", 1)[1] for line in lines]


def test_a_week_is_summed_up_once_and_a_silent_one_is_not(stage, people):
    ada = people("Ada", "Ben")[0]
    app = stage.create("weekly-recap", posts=2)
    stage.fire(app)
    assert stage.posts(app) == []
    write(stage, ada, "One", "Two", "Three")
    stage.run(app)
    stage.run(app)
    [post] = stage.posts(app)
    assert listed(post.body, "this week:") == ["New members: 2", "Posts of any kind: 3", "Answers: 0", "Comments: 0"]
    assert len(listed(post.body, "liked most:")) == 2


def test_the_recap_of_the_imported_community(stage, dump):
    app = stage.create("weekly-recap", posts=20)
    stage.fire(app)
    [post] = stage.posts(app)
    week = [row for row in dump.questions() if dump.age(row["CreationDate"]) < WEEK]
    expected = Counter(f"{row['Title']} ({dump.name_of(row['OwnerUserId'])})" for row in week)
    assert Counter(listed(post.body, "liked most:")) == expected
    posts = len([row for row in dump.posts() if dump.age(row["CreationDate"]) < WEEK])
    assert f"Posts of any kind: {posts}" in post.body
    stage.tell(app, f"Posted a recap of {posts} posts; first: {listed(post.body, 'liked most:')[0]}.")


def test_a_days_newcomers_are_welcomed_together(stage, people):
    people("Old")
    stage.pass_time(days=2)
    app = stage.create("auto-welcome", text="Have a seat.")
    stage.fire(app)
    assert stage.posts(app) == []
    people("Ada", "Ben")
    stage.run(app)
    stage.run(app)
    [post] = stage.posts(app)
    assert post.title == "Welcome, Ada, Ben!"
    assert post.body == "We welcome:\n\n- Ada\n- Ben\n\nHave a seat."


def test_the_newcomers_of_the_imported_community_are_welcomed(stage, dump, people):
    app = stage.create("auto-welcome")
    people("Nora")
    stage.fire(app)
    joined = {row["DisplayName"] for row in dump.users() if dump.age(row["CreationDate"]) < timedelta(days=1)}
    [post] = stage.posts(app)
    assert set(listed(post.body, "We welcome:")) == joined | {"Nora"}
    stage.tell(app, f"Welcomed {len(joined) + 1} members in one post: {post.title}")


def test_a_new_product_is_announced_once_and_a_draft_is_not(stage):
    shop = StageShop(stage)
    app = stage.create("product-announcements", text="Look!")
    product = shop_file("product")["product"]
    now = datetime.now(UTC).isoformat()
    for number, status in ((1, "active"), (2, "draft")):
        shop.report("products/create", {**product, "id": number, "status": status, "updated_at": now})
    stage.work()
    [post] = stage.posts(app)
    assert post.title == f"New: {product['title']}"
    price = min(variant["price"] for variant in product["variants"])
    assert post.body == f"Look!\n\n{product['title']} by {product['vendor']}, from {price}"
    stage.tell(app, f"Announced “{product['title']}” of the imported shop.")


def test_what_is_in_the_calendar_for_tomorrow_is_posted(stage, google, connect, make_colleague):
    owner = make_colleague(stage.tenant, "owner")
    connect(stage.tenant, owner, "calendar")
    soon, later = datetime.now(UTC) + timedelta(hours=5), datetime.now(UTC) + timedelta(days=3)
    hour = timedelta(hours=1)
    google.calendars.events["primary"] = [
        timed(1, "Cupping", soon.isoformat(), (soon + hour).isoformat(), location="The roastery"),
        timed(2, "Party", later.isoformat(), (later + hour).isoformat()),
    ]
    with stage.community():
        app = create_app_from(principal_of(owner, stage.tenant.pk), "event-reminders", {})
    stage.fire(app)
    [post] = stage.posts(app)
    assert post.title == "Coming up: Cupping"
    assert listed(post.body, "next day:") == [f"Cupping · {soon:%d.%m. %H:%M} · The roastery"]
    stage.tell(app, f"Reminded of what the connected calendar had for the next day: {post.title}")


def test_without_events_nothing_is_posted(stage, google, connect, make_colleague):
    owner = make_colleague(stage.tenant, "owner")
    connect(stage.tenant, owner, "calendar")
    with stage.community():
        app = create_app_from(principal_of(owner, stage.tenant.pk), "event-reminders", {})
    stage.fire(app)
    assert stage.posts(app) == []


def test_every_third_post_is_celebrated(stage, people):
    ada, ben = people("Ada", "Ben")
    app = stage.create("milestone-celebrations", every=3, xp=15)
    for number in range(7):
        write(stage, ada, f"Post {number}")
        stage.work()
    write(stage, ben, "One", "Two")
    stage.work()
    assert [post.title for post in stage.posts(app)] == ["Ada wrote 3 posts!", "Ada wrote 6 posts!"]
    assert [(entry.member_id, entry.amount) for entry in stage.xp(app)] == [(ada.pk, 15), (ada.pk, 15)]


def test_a_milestone_of_the_imported_community(stage, dump):
    counts = Counter(row["OwnerUserId"] for row in dump.posts())
    user, written = counts.most_common(1)[0]
    app = stage.create("milestone-celebrations", every=written + 1)
    with stage.community():
        member = Member.objects.get(external_id=f"se:{user}")
    write(stage, member, "One more")
    stage.work()
    assert [post.title for post in stage.posts(app)] == [f"{dump.name_of(user)} wrote {written + 1} posts!"]
    stage.tell(app, f"Celebrated: {stage.posts(app)[0].title}")


def test_the_highlights_of_a_month_name_posts_and_people(stage, people):
    ada, ben = people("Ada", "Ben")
    write(stage, ada, "Old")
    stage.pass_time(days=31)
    write(stage, ben, "New")
    app = stage.create("monthly-highlights")
    stage.fire(app)
    stage.run(app)
    [post] = stage.posts(app)
    assert listed(post.body, "liked most:") == ["New (Ben)"]
    assert listed(post.body, "most active:") == ["Ben"]


def test_the_highlights_of_the_imported_community(stage, dump):
    app = stage.create("monthly-highlights", posts=3)
    stage.fire(app)
    [post] = stage.posts(app)
    month = [row for row in dump.questions() if dump.age(row["CreationDate"]) < MONTH]
    best = sorted((int(row["Score"]) for row in month), reverse=True)[:3]
    scores = {f"{row['Title']} ({dump.name_of(row['OwnerUserId'])})": int(row["Score"]) for row in month}
    assert [scores[line] for line in listed(post.body, "liked most:")] == best
    stage.tell(app, f"Showed the best posts of {len(month)}: {listed(post.body, 'liked most:')[0]}.")
