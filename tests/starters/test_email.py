"""Ready-made e-mails: shop and community, missions that end, rewards within reach, top contributors."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Member
from decommerce.community.services.comments import NewComment, create_comments
from decommerce.community.services.missions import NewMission, create_missions
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.community.services.rewards import NewReward, create_rewards
from decommerce.community.services.user_missions import complete_missions, start_missions
from decommerce.community.services.xp import XpAward, award_xp
from tests.imported import SHOPPER
from tests.starters.imported import shop_file
from tests.starters.shop import StageShop

pytestmark = pytest.mark.requirement("APP-09")

WEEK = timedelta(days=7)


def to(stage, app) -> list[str]:
    return [mail.member.display_name for mail in stage.mails(app)]


def test_members_who_bought_lately_get_the_news_once_a_month(stage, people):
    shop = StageShop(stage)
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    shop.order(cleo.email, "10.00")
    stage.pass_time(days=40)
    for member in (ada, ben):
        shop.order(member.email, "10.00")
    with stage.community():
        create_posts([NewPost(cleo.pk, "Text.", "Roasting at home")])
        Member.objects.filter(pk=ben.pk).update(email=None)
    app = stage.create("shopify-community-emails", bought_days=30)
    stage.fire(app)
    stage.run(app)
    assert to(stage, app) == ["Ada"]
    assert "The community talks about:\n\n- Roasting at home" in stage.mails(app)[0].body


def test_the_imported_shopper_reads_of_products_and_posts(stage, dump):
    app = stage.create("shopify-community-emails", products=10)
    stage.fire(app)
    [mail] = stage.mails(app)
    assert mail.member.email == SHOPPER
    products = {shop_file("product")["product"]["title"], *(product["title"] for product in shop_file("products"))}
    assert all(f"- {title}\n" in mail.body for title in products)
    month = [row for row in dump.questions() if dump.age(row["CreationDate"]) < timedelta(days=30)]
    best = max(int(row["Score"]) for row in month)
    assert any(f"- {row['Title']}" in mail.body for row in month if int(row["Score"]) == best)
    stage.tell(app, f"Wrote to the one member who bought, about {len(products)} products and the best posts.")


def started(stage, days: float, *members) -> int:
    """A mission that ends in so many days, and who is at it."""
    with stage.community():
        ends = timezone.now() + timedelta(days=days)
        [mission] = create_missions([NewMission(f"Within {days} days", xp_reward=40, ends_at=ends)])
        start_missions([(mission.mission_id, member.pk) for member in members])
    return mission.mission_id


def test_who_has_not_completed_a_mission_that_ends_soon_is_reminded_once(stage, people):
    ada, ben = people("Ada", "Ben")
    soon = started(stage, 2.5, ada, ben)
    started(stage, 9, ada)
    with stage.community():
        complete_missions([(soon, ben.pk)])
    app = stage.create("mission-reminders", days=3)
    stage.fire(app)
    stage.run(app)
    assert [(mail.member_id, mail.subject) for mail in stage.mails(app)] == [(ada.pk, "Within 2.5 days ends soon")]
    assert [told.body for told in stage.notifications(app)] == ["Complete it for 40 XP."]


def test_a_mission_of_the_imported_community_is_reminded_of(stage, dump):
    with stage.community():
        members = list(Member.objects.filter(external_id__startswith="se:").order_by("pk")[:20])
    started(stage, 1.5, *members)
    app = stage.create("mission-reminders")
    stage.fire(app)
    assert {mail.member_id for mail in stage.mails(app)} == {member.pk for member in members}
    stage.tell(app, f"Reminded the {len(members)} members who were at a mission that ends tomorrow.")


def gain(stage, member, amount: int, deed: str) -> None:
    with stage.community():
        award_xp([XpAward(member.pk, amount, "Deed", deed)])
    stage.work()


def test_members_hear_of_a_reward_when_it_is_offered_or_within_reach_and_never_twice(stage, people):
    ada, ben = people("Ada", "Ben")
    gain(stage, ada, 100, "one")
    app = stage.create("reward-available-alerts", title="For you")
    with stage.community():
        create_rewards([NewReward("Mug", cost_xp=80), NewReward("Bike", cost_xp=500)])
    stage.work()
    gain(stage, ben, 79, "two")
    gain(stage, ben, 1, "three")
    gain(stage, ben, 50, "four")
    gain(stage, ada, -50, "five")
    gain(stage, ada, 60, "six")
    assert [(told.member_id, told.title) for told in stage.notifications(app)] == [
        (ada.pk, "For you: Mug"),
        (ben.pk, "For you: Mug"),
    ]


def test_a_reward_is_offered_to_the_imported_community(stage, dump):
    app = stage.create("reward-available-alerts")
    with stage.community():
        create_rewards([NewReward("Sticker", cost_xp=300)])
    stage.work()
    able = {f"se:{row['Id']}" for row in dump.users() if int(row["Reputation"]) >= 300}
    assert {told.member.external_id for told in stage.notifications(app)} == able
    stage.tell(app, f"A sticker for 300 XP was offered: told the {len(able)} members who have so many.")


def test_the_most_active_are_named_and_written_to_once_a_week(stage, people):
    ada, ben, cleo = people("Ada", "Ben", "Cleo")
    with stage.community():
        posts = create_posts([NewPost(ada.pk, "Text.", f"Post {n}") for n in range(3)])
        create_comments([NewComment(posts[0].post_id, ben.pk, "Nice!")])
    app = stage.create("top-contributor-spotlights", members=2)
    stage.fire(app)
    stage.run(app)
    assert to(stage, app) == ["Ada", "Ben"]
    assert "3 posts, 0 answers and 0 comments" in stage.mails(app)[0].body
    [post] = stage.posts(app)
    assert post.title == "Thank you, Ada, Ben"
    assert cleo.display_name not in post.body


def test_in_a_quiet_week_nobody_is_named(stage, people):
    people("Ada")
    app = stage.create("top-contributor-spotlights")
    stage.fire(app)
    assert (stage.mails(app), stage.posts(app)) == ([], [])


def test_the_most_active_of_the_imported_community(stage, dump):
    """Three points a post, five an answer, two a comment, two a day; reactions are known of posts only."""
    app = stage.create("top-contributor-spotlights", members=10)
    stage.fire(app)
    wrote, days = Counter(), defaultdict(set)
    for rows, worth in ((dump.questions(), 3), (dump.answers(), 5), (dump.comments(), 2)):
        for row in rows:
            if dump.age(row["CreationDate"]) < WEEK:
                user = row.get("OwnerUserId") or row["UserId"]
                wrote[user] += worth
                days[user].add(dump.at(row["CreationDate"]).date())
    active = {f"se:{user}" for user in wrote}
    named = [mail.member for mail in stage.mails(app)]
    assert active <= {member.external_id for member in named} or len(named) == 10
    best = max(wrote, key=lambda user: wrote[user] + 2 * len(days[user]))
    assert dump.name_of(best) in stage.posts(app)[0].body
    stage.tell(app, f"Named and thanked {len(named)} members, {named[0].display_name} first.")
