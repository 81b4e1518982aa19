"""Ready-made apps for engagement: campaigns, referrals, room challenges, first missions."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Mission, RoomMember, UserMission
from decommerce.community.services.contributions import NewContribution, record_contributions
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.community.services.rooms import create_room

pytestmark = pytest.mark.requirement("APP-09")

WEEK = timedelta(days=7)


def test_a_campaign_is_a_mission_a_post_and_a_word_to_everyone(stage, people):
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    with stage.community():
        cleo.status = "suspended"
        cleo.save()
        room = create_room("News")
    app = stage.create("campaign-builder", room=room.pk)
    run = stage.run(app, title="Spring", aim="Plant something.", days=10, xp=70)
    with stage.community():
        [mission] = Mission.objects.all()
    assert (mission.title, mission.description, mission.xp_reward) == ("Spring", "Plant something.", 70)
    assert timedelta(days=9.9) < mission.ends_at - timezone.now() <= timedelta(days=10)
    [post] = stage.posts(app)
    assert (post.title, post.room_id) == ("Spring", room.pk)
    assert post.body == "Plant something.\n\nThe campaign runs for 10 days. Whoever completes it gets 70 XP."
    assert {told.member_id for told in stage.notifications(app)} == {ada.pk, ben.pk}
    assert run.result["template"] == "The mission is set up, and 2 members were told."


def test_a_campaign_on_the_imported_community_reaches_every_member(stage, dump):
    app = stage.create("campaign-builder")
    stage.run(app, title="Ask better", aim="Improve one old question.")
    told = stage.notifications(app)
    assert len(told) == len({notification.member_id for notification in told}) == len(dump.users())
    stage.tell(app, f"Set up the mission “Ask better”, posted about it and told all {len(told)} members.")


def refer(stage, member, *numbers: int) -> None:
    """The member brought people in."""
    with stage.community():
        record_contributions(
            [
                NewContribution(member.pk, "referral", f"Brought {n}", external_id=f"ref:{member.pk}:{n}")
                for n in numbers
            ]
        )
    stage.work()


def test_each_referral_brings_xp_and_every_third_a_bonus(stage, people):
    ada, ben = people("Ada", "Ben")
    app = stage.create("referral-booster", xp=10, every=3, bonus=100)
    for number in range(1, 8):
        refer(stage, ada, number)
    refer(stage, ben, 1, 2)
    refer(stage, ada, 3)
    with stage.community():
        record_contributions([NewContribution(ben.pk, "badge", "Nice post")])
    stage.work()
    booked = Counter((entry.member_id, entry.amount) for entry in stage.xp(app))
    assert booked == {(ada.pk, 10): 7, (ada.pk, 100): 2, (ben.pk, 10): 2}
    assert [told.title for told in stage.notifications(app)] == ["3 referrals!", "6 referrals!"]


def test_referrals_on_the_imported_community(stage, dump):
    app = stage.create("referral-booster")
    with stage.community():
        member = RoomMember.objects.order_by("pk")[0].member
    refer(stage, member, *range(5))
    assert [entry.amount for entry in stage.xp(app)].count(50) == 5
    stage.tell(app, f"{member.display_name} brought 5 people in: {sum(entry.amount for entry in stage.xp(app))} XP.")


def test_the_busiest_room_wins_and_those_who_wrote_there_get_xp_once(stage, people):
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    with stage.community():
        brewing, tea, quiet = create_room("Brewing"), create_room("Tea"), create_room("Quiet")
        create_posts([NewPost(ada.pk, "Old.", "Old", room_id=tea.pk) for _ in range(5)])
    stage.pass_time(days=8)
    with stage.community():
        create_posts([NewPost(member.pk, "New.", "New", room_id=brewing.pk) for member in (ada, ada, ben)])
        create_posts([NewPost(cleo.pk, "New.", "New", room_id=tea.pk) for _ in range(2)])
        create_posts([NewPost(cleo.pk, "New.", "New", room_id=quiet.pk)])
    app = stage.create("room-activity-challenges", minimum=3, xp=40)
    stage.fire(app)
    stage.run(app)
    assert Counter((entry.member_id, entry.amount) for entry in stage.xp(app)) == {(ada.pk, 40): 1, (ben.pk, 40): 1}
    [post] = stage.posts(app)
    assert (post.title, post.room_id) == ("This week's busiest room is Brewing", brewing.pk)


def test_without_enough_posts_no_room_wins(stage, people):
    (ada,) = people("Ada")
    with stage.community():
        room = create_room("Tea")
        create_posts([NewPost(ada.pk, "New.", "New", room_id=room.pk) for _ in range(2)])
    app = stage.create("room-activity-challenges", minimum=3)
    stage.fire(app)
    assert (stage.xp(app), stage.posts(app)) == ([], [])


def test_the_busiest_room_of_the_imported_community(stage, dump):
    """A question's room is its first tag; an answer is in the room of its question."""
    rooms = {row["Id"]: row["Tags"].strip("<>|").replace("><", "|").split("|")[0] for row in dump.questions()}
    week = [row for row in dump.posts() if dump.age(row["CreationDate"]) < WEEK]
    counts = Counter(rooms[row["Id"] if row["PostTypeId"] == "1" else row["ParentId"]] for row in week)
    most = max(counts.values())
    app = stage.create("room-activity-challenges", minimum=1)
    stage.fire(app)
    [post] = stage.posts(app)
    won = post.room.name
    assert counts[won] == most, counts
    authors = {row["OwnerUserId"] for row in week if rooms[row.get("ParentId", row["Id"])] == won}
    assert {entry.member.external_id for entry in stage.xp(app)} == {f"se:{author}" for author in authors}
    stage.tell(app, f"“{won}” won with {most} posts in a week; {len(authors)} writers got 25 XP.")


def test_a_newcomer_takes_on_the_first_mission_and_completes_it_with_a_post(stage, people):
    app = stage.create("onboarding-missions", title="Say hello", xp=30)
    ada, ben = people("Ada", "Ben")
    stage.work()
    with stage.community():
        [mission] = Mission.objects.all()
        assert set(UserMission.objects.values_list("member_id", "status")) == {(ada.pk, "started"), (ben.pk, "started")}
        create_posts([NewPost(ada.pk, "Hello!", "I am Ada")])
        create_posts([NewPost(ada.pk, "Hello again!", "Still Ada")])
    stage.work()
    assert mission.title == "Say hello"
    with stage.community():
        assert dict(UserMission.objects.values_list("member_id", "status")) == {ada.pk: "completed", ben.pk: "started"}
        ada.refresh_from_db()
    assert ada.xp == 30
    assert [told.title for told in stage.notifications(app) if told.member_id == ada.pk] == [
        "Your first mission: Say hello",
        "Mission completed: Say hello",
    ]


def test_a_newcomer_of_the_imported_community_has_a_mission(stage, dump, people):
    app = stage.create("onboarding-missions")
    people("Nora")
    stage.work()
    assert [told.member.display_name for told in stage.notifications(app)] == ["Nora"]
    stage.tell(app, "Set up “Introduce yourself” and gave it to Nora, who had just joined.")
