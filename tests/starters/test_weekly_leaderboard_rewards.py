"""Weekly leaderboard rewards."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest

from decommerce.community.models import Member
from decommerce.community.services.comments import NewComment, create_comments
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.community.services.rooms import create_room

pytestmark = pytest.mark.requirement("APP-09")


def write(stage, member, posts: int) -> None:
    """The member writes so many posts today: 3 points each, and 2 for the day."""
    with stage.community():
        create_posts([NewPost(member.pk, f"Post {number}", f"Title {number}") for number in range(posts)])


@pytest.fixture
def week(stage, people, make_admin):
    """Ada wrote most, then Ben, Cleo, Dora; an admin more than all of them."""
    ada, ben, cleo, dora = people("Ada", "Ben", "Cleo", "Dora")
    for member, posts in ((ada, 4), (ben, 3), (cleo, 2), (dora, 1), (make_admin(stage.tenant), 9)):
        write(stage, member, posts)
    stage.work()
    return ada, ben, cleo, dora


def test_the_three_most_active_members_are_rewarded_and_named(stage, week):
    app = stage.create("weekly-leaderboard-rewards", first=100, second=50, third=25)
    stage.fire(app)
    assert [(entry.member.display_name, entry.amount, entry.reason) for entry in stage.xp(app)] == [
        ("Ada", 100, "Place 1 of the week"),
        ("Ben", 50, "Place 2 of the week"),
        ("Cleo", 25, "Place 3 of the week"),
    ]
    (post,) = stage.posts(app)
    assert post.body.startswith("1. Ada, 14 points\n2. Ben, 11 points\n3. Cleo, 8 points\n")
    assert [(told.member.display_name, told.title) for told in stage.notifications(app)] == [
        ("Ada", "You are 1st this week"),
        ("Ben", "You are 2nd this week"),
        ("Cleo", "You are 3rd this week"),
    ]


def test_each_place_is_rewarded_once_a_week_even_if_the_order_changes(stage, week):
    _, _, _, dora = week
    app = stage.create("weekly-leaderboard-rewards")
    stage.fire(app)
    write(stage, dora, 20)
    stage.work()
    stage.run(app)
    assert [entry.member.display_name for entry in stage.xp(app)] == ["Ada", "Ben", "Cleo"]
    assert len(stage.posts(app)) == 1


def test_who_did_little_is_not_on_the_board(stage, week):
    app = stage.create("weekly-leaderboard-rewards", least=10)
    stage.fire(app)
    assert [entry.member.display_name for entry in stage.xp(app)] == ["Ada", "Ben"]


def test_the_post_appears_in_the_room_that_was_chosen(stage, week):
    with stage.community():
        room = create_room("News")
    app = stage.create("weekly-leaderboard-rewards", room=room.pk)
    stage.fire(app)
    assert stage.posts(app)[0].room_id == room.pk


def test_a_week_without_activity_passes_without_a_post(stage, week):
    stage.pass_time(days=8)
    app = stage.create("weekly-leaderboard-rewards")
    stage.fire(app)
    assert stage.xp(app) == stage.posts(app) == stage.notifications(app) == []


def test_comments_and_what_comes_back_count_too(stage, people):
    ada, ben = people("Ada", "Ben")
    write(stage, ada, 1)
    with stage.community():
        post = ada.posts.get()
        create_comments([NewComment(post.pk, ben.pk, f"Comment {number}") for number in range(4)])
    stage.work()
    app = stage.create("weekly-leaderboard-rewards")
    stage.fire(app)
    # Ben: four comments and a day; Ada: a post and a day.
    assert [(entry.member.display_name, entry.amount) for entry in stage.xp(app)] == [("Ben", 100), ("Ada", 50)]


def test_on_the_imported_community(stage, dump):
    app = stage.create("weekly-leaderboard-rewards", least=1)
    stage.fire(app)
    points: dict[str, int] = defaultdict(int)
    days: dict[str, set] = defaultdict(set)
    author = {row["Id"]: row["OwnerUserId"] for row in dump.posts()}
    week = [row for row in dump.posts() if dump.age(row["CreationDate"]) < timedelta(days=7)]
    for row in week:
        points[row["OwnerUserId"]] += 3 if row["PostTypeId"] == "1" else 5
        days[row["OwnerUserId"]].add(dump.at(row["CreationDate"]).date())
    for row in dump.comments():
        if dump.age(row["CreationDate"]) < timedelta(days=7):
            points[row["UserId"]] += 2
            days[row["UserId"]].add(dump.at(row["CreationDate"]).date())
    for row in dump.reactions():
        if dump.age(row["CreationDate"]) < timedelta(days=7):
            points[author[row["PostId"]]] += 1
            if row.get("UserId"):
                points[row["UserId"]] += 1
                days[row["UserId"]].add(dump.at(row["CreationDate"]).date())
    board = {user: score + 2 * len(days[user]) for user, score in points.items()}
    with stage.community():
        number = dict(Member.objects.values_list("external_id", "pk"))
    best = sorted(board, key=lambda user: (-board[user], number[f"se:{user}"]))[:3]
    assert [(entry.member.external_id, entry.amount) for entry in stage.xp(app)] == [
        (f"se:{user}", prize) for user, prize in zip(best, (100, 50, 25), strict=True)
    ]
    named = [f"{dump.name_of(user)} ({board[user]} points)" for user in best]
    stage.tell(app, f"Rewarded {', '.join(named)} and told everyone in a post.")
