"""Services write rows and events together; the events of all of them match the catalogue (PIP-01, TRG-08)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from decommerce.community.models import (
    Comment,
    Contribution,
    Flag,
    Member,
    Mission,
    Notification,
    OutboundMessage,
    Post,
    Reaction,
    Reward,
    RewardClaim,
    Room,
    RoomMember,
    UserMission,
    XpEntry,
)
from decommerce.community.services import (
    comments,
    contributions,
    flags,
    members,
    messages,
    missions,
    notifications,
    posts,
    reactions,
    rewards,
    rooms,
    xp,
)
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.models import Membership

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


@pytest.fixture
def app_cause(principal):
    """An app acts."""
    with caused_by(Cause(principal, app_id=77, execution_id=5, chain=(77,))):
        yield


def types(envelopes):
    return [envelope["type"] for envelope in envelopes]


# Members


def test_someone_who_joins_is_announced_and_given_what_they_bought(tenant, published, make_order):
    order = make_order(email="Nora@Example.org")
    with tenant_scope(tenant.pk):
        member = members.join(members.NewMember("Nora", "nora@example.org", country="ch"))
        order.refresh_from_db()
        assert order.member_id == member.pk
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == "member.joined"
    assert envelope["data"]["member"]["country"] == "CH"
    assert envelope["data"]["member"]["role"] == "member"


def test_an_address_joins_once_however_it_is_written(tenant):
    with tenant_scope(tenant.pk):
        members.join(members.NewMember("Nora", "nora@example.org"))
        with pytest.raises(members.MemberTaken):
            members.join(members.NewMember("Nora again", "NORA@example.org"))


def test_two_tenants_may_have_a_member_of_the_same_address(tenant, other_tenant):
    for each in (tenant, other_tenant):
        with tenant_scope(each.pk):
            assert members.join(members.NewMember("Nora", "nora@example.org")).pk


def test_only_what_changed_is_announced(tenant, make_member, published):
    first, second = make_member(country="CH"), make_member(country="DE")
    with tenant_scope(tenant.pk):
        results = members.update_members(
            [
                members.MemberChange(first.pk, {"country": "CH", "bio": "Hikes."}),
                members.MemberChange(second.pk, {"country": "DE"}),
                members.MemberChange(10**9, {"country": "FR"}),
            ]
        )
    assert [(result.outcome, result.changed) for result in results] == [
        ("updated", ("bio",)),
        ("unchanged", ()),
        ("not_found", ()),
    ]
    (envelope,) = published.envelopes(tenant)
    assert envelope["data"]["changed"] == ["bio"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"xp": 5}, "field_not_editable"),
        ({"tenant_id": 1}, "field_not_editable"),
        ({"status": "asleep"}, "value_invalid"),
        ({"streak_days": "many"}, "value_invalid"),
        ({"display_name": "x" * 121}, "value_invalid"),
        ({"engagement_score": "1e99"}, "value_invalid"),
    ],
)
def test_a_field_that_cannot_be_set_is_refused(tenant, make_member, values, code):
    member = make_member()
    with tenant_scope(tenant.pk), pytest.raises(members.PlatformError) as refused:
        members.update_members([members.MemberChange(member.pk, values)])
    assert refused.value.code == code


def test_a_seat_in_the_team_makes_a_member_with_its_role(tenant, make_person):
    person = make_person(tenant, "moderator")
    with tenant_scope(tenant.pk):
        member = Member.objects.with_role().get(email=person.email)
        assert member.role == "moderator"
        assert member.membership == Membership.objects.get(user=person)


def test_a_member_who_gets_a_seat_stays_the_same_member(tenant, make_person, make_member):
    member = make_member(email="WANTED@example.org")
    person = make_person(tenant, "member")
    with tenant_scope(tenant.pk):
        Membership.objects.filter(user=person).delete()
        Member.objects.filter(email=person.email).delete()
        person.email = "wanted@example.org"
        person.save()
        Membership.objects.create(user=person, role="admin")
        assert Member.objects.with_role().get(pk=member.pk).role == "admin"


def test_an_audience_is_found_by_role_and_room_without_the_suspended(tenant, make_person, make_member, make_room):
    for role in ("owner", "moderator"):
        make_person(tenant, role)
    reader, suspended = make_member(), make_member(status="suspended")
    room = make_room()
    with tenant_scope(tenant.pk):
        house = members.house_member()
        rooms.join_rooms([(room.pk, reader.pk), (room.pk, suspended.pk)])
        team = {row.role: row.pk for row in Member.objects.with_role().exclude(role="member")}
        assert members.audience("moderator") == [team["moderator"]]
        assert members.audience("team") == sorted(team.values())
        assert members.audience("member") == [reader.pk]
        assert members.audience() == sorted([*team.values(), reader.pk])
        assert members.audience(room_id=room.pk) == [reader.pk]
        assert members.house_member() == house


# Posts, comments, reactions, flags


def test_a_new_post_is_counted_and_announced_exactly_so(tenant, make_member, make_room, published):
    author, room = make_member(), make_room()
    with tenant_scope(tenant.pk):
        post = posts.create_post(author_id=author.pk, room_id=room.pk, title="Boots", body="Größe 42?")
        author.refresh_from_db()
        room.refresh_from_db()
    assert post.body_length == 9
    assert author.last_active_at is not None
    assert room.last_activity_at is not None
    (envelope,) = published.envelopes(tenant)
    assert envelope["dedupekey"] == f"post.created:{post.pk}"
    assert envelope["data"] == {
        "post": {
            "id": post.pk,
            "title": "Boots",
            "body": "Größe 42?",
            "body_length": 9,
            "status": "published",
            "score": 0,
            "room_id": room.pk,
            "author_id": author.pk,
        },
        "author": {
            "id": author.pk,
            "display_name": author.display_name,
            "email": author.email,
            "role": "member",
        },
    }


def test_each_post_of_a_batch_has_its_own_outcome(tenant, other_tenant, make_member, make_room, make_post):
    author, suspended = make_member(), make_member(status="suspended")
    stranger, foreign_room = make_member(other_tenant), make_room(other_tenant)
    archived = make_room(status="archived")
    new = posts.NewPost
    with tenant_scope(tenant.pk):
        results = posts.create_posts(
            [
                new(author.pk, "First", idem_key="one"),
                new(author.pk, "First, again", idem_key="one"),
                new(stranger.pk, "Not mine"),
                new(suspended.pk, "Let me in"),
                new(author.pk, "Where?", room_id=foreign_room.pk),
                new(author.pk, "Too late", room_id=archived.pk),
                new(author.pk, "Yes.", parent_id=10**9),
                new(author.pk, " \x00 "),
                new(author.pk, "x" * (posts.MAX_BODY + 1)),
                new(author.pk, "Hm", title="t" * 301),
                new(author.pk, "Last"),
            ]
        )
        assert [result.outcome for result in results] == [
            "created",
            "duplicate",
            "author_not_found",
            "author_suspended",
            "room_not_found",
            "room_archived",
            "parent_not_found",
            "body_empty",
            "body_too_long",
            "title_too_long",
            "created",
        ]
        assert results[1].post_id == results[0].post_id
        assert Post.objects.count() == 2


def test_a_post_that_cannot_be_written_says_why(tenant, make_member):
    author = make_member()
    with tenant_scope(tenant.pk), pytest.raises(posts.PostRefused, match="needs a text") as refused:
        posts.create_post(author_id=author.pk, body="")
    assert refused.value.code == "body_empty"


def test_characters_that_cannot_be_stored_are_left_out(tenant, make_member):
    author = make_member()
    with tenant_scope(tenant.pk):
        post = posts.create_post(author_id=author.pk, body="a\x00b\ud800c", title="\x00t")
        assert (post.body, post.title, post.body_length) == ("abc", "t", 3)


def test_an_edited_post_is_announced_with_what_changed(tenant, make_post, published):
    post = make_post(body="Old", title="Same")
    with tenant_scope(tenant.pk):
        posts.edit_post(post.pk, body="New and longer", title="Same")
        posts.edit_post(post.pk, body="New and longer")
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == "post.updated"
    assert envelope["data"]["changed"] == ["body"]
    assert envelope["data"]["post"]["body_length"] == 14


def test_a_status_is_announced_with_the_one_before(tenant, make_post, published):
    post, hidden = make_post(), make_post(status="hidden")
    with tenant_scope(tenant.pk):
        results = posts.set_post_status(
            [
                posts.StatusChange(post.pk, "hidden"),
                posts.StatusChange(hidden.pk, "hidden"),
                posts.StatusChange(10**9, "hidden"),
            ]
        )
    assert [result.outcome for result in results] == ["changed", "unchanged", "not_found"]
    (envelope,) = published.envelopes(tenant)
    assert envelope["data"]["previous_status"] == "published"
    assert envelope["data"]["post"]["status"] == "hidden"


def test_comments_are_counted_at_their_post(tenant, other_tenant, make_post, make_member, published):
    post, author, foreign = make_post(), make_member(), make_post(other_tenant)
    new = comments.NewComment
    with tenant_scope(tenant.pk):
        results = comments.create_comments(
            [
                new(post.pk, author.pk, "One", "k1"),
                new(post.pk, author.pk, "One", "k1"),
                new(post.pk, author.pk, "Two"),
                new(foreign.pk, author.pk, "Three"),
                new(post.pk, 10**9, "Four"),
                new(post.pk, author.pk, "  "),
            ]
        )
        assert [result.outcome for result in results] == [
            "created",
            "duplicate",
            "created",
            "post_not_found",
            "author_not_found",
            "body_empty",
        ]
        post.refresh_from_db()
        assert post.comment_count == 2 == Comment.objects.count()
    assert types(published.envelopes(tenant)) == ["comment.created"] * 2


def test_reactions_count_once_each_and_move_the_score(tenant, make_post, make_member, published):
    post, one, two = make_post(), make_member(), make_member()
    new = reactions.NewReaction
    with tenant_scope(tenant.pk):
        results = reactions.add_reactions(
            [new(post.pk, one.pk), new(post.pk, one.pk), new(post.pk, two.pk, "heart"), new(10**9, one.pk)]
        )
        assert [result.outcome for result in results] == ["added", "already_there", "added", "post_not_found"]
        reactions.add_reactions([new(post.pk, two.pk, "downvote"), new(post.pk, two.pk, "upvote")])
        post.refresh_from_db()
        assert post.score == 1
        assert Reaction.objects.count() == 4
    envelopes = published.envelopes(tenant)
    assert types(envelopes) == ["reaction.added"] * 4
    assert envelopes[0]["data"]["post"]["score"] == 1


def test_an_app_flags_a_post_once_and_a_person_may_flag_it_too(tenant, principal, make_post, published, app_cause):
    post, foreign = make_post(), 10**9
    with tenant_scope(tenant.pk):
        first = flags.flag_posts([flags.NewFlag(post.pk, "Very short", "low"), flags.NewFlag(foreign, "?")])
        again = flags.flag_posts([flags.NewFlag(post.pk, "Very short")])
        with caused_by(Cause(principal)):
            person = flags.flag_posts([flags.NewFlag(post.pk, "Rude", "high", review=True)])
        assert [result.outcome for result in first] == ["flagged", "not_found"]
        assert (again[0].outcome, again[0].flag_id) == ("already_flagged", first[0].flag_id)
        assert person[0].outcome == "flagged"
        assert Flag.objects.get(pk=first[0].flag_id).app_id == 77
        post.refresh_from_db()
        assert post.status == "review"
    envelopes = published.envelopes(tenant)
    assert types(envelopes) == ["post.flagged", "post.status_changed", "post.flagged"]
    assert envelopes[0]["data"]["flag"]["severity"] == "low"
    assert envelopes[0]["chain"] == "77"


def test_a_resolved_flag_makes_room_for_another(tenant, make_post, app_cause):
    post = make_post()
    with tenant_scope(tenant.pk):
        first = flags.flag_posts([flags.NewFlag(post.pk, "Short")])[0]
        assert flags.resolve_flags([first.flag_id]) == 1
        assert flags.resolve_flags([first.flag_id]) == 0
        assert flags.flag_posts([flags.NewFlag(post.pk, "Short")])[0].outcome == "flagged"


# Rooms


def test_a_room_is_opened_entered_and_archived(tenant, make_member, published):
    member = make_member()
    with tenant_scope(tenant.pk):
        room = rooms.create_room("Wet trails!", description="Rain.")
        assert room.slug == "wet-trails"
        with pytest.raises(rooms.RoomTaken):
            rooms.create_room("Wet trails")
        entered = rooms.join_rooms([(room.pk, member.pk), (room.pk, member.pk), (room.pk, 10**9), (10**9, member.pk)])
        assert [entry.outcome for entry in entered] == ["joined", "joined", "member_not_found", "room_not_found"]
        assert rooms.join_rooms([(room.pk, member.pk)])[0].outcome == "already_there"
        archived = rooms.archive_rooms([room.pk, 10**9])
        assert [row.outcome for row in archived] == ["archived", "not_found"]
        assert rooms.archive_rooms([room.pk])[0].outcome == "already_archived"
        assert RoomMember.objects.count() == 1
    assert types(published.envelopes(tenant)) == ["room.created", "room.member_joined", "room.archived"]


# XP, missions, contributions, rewards


def test_xp_is_the_sum_of_the_ledger(tenant, make_member, published):
    member = make_member()
    award = xp.XpAward
    with tenant_scope(tenant.pk):
        results = xp.award_xp(
            [
                award(member.pk, 90, "Post", "a"),
                award(member.pk, 30, "Answer", "b"),
                award(member.pk, 30, "Answer", "b"),
                award(member.pk, -5, "Correction", "c"),
                award(member.pk, 0, "Nothing", "d"),
                award(member.pk, xp.MAX_AMOUNT + 1, "Greed", "e"),
                award(10**9, 5, "Nobody", "f"),
            ]
        )
        member.refresh_from_db()
        assert member.xp == 115 == sum(XpEntry.objects.values_list("amount", flat=True))
        assert member.level == 2
    assert [result.outcome for result in results] == [
        "awarded",
        "awarded",
        "duplicate",
        "awarded",
        "zero",
        "too_much",
        "not_found",
    ]
    levels = [envelope["data"]["xp"]["level"] for envelope in published.envelopes(tenant)]
    assert levels == [1, 2, 2]


@pytest.mark.parametrize(("amount", "level"), [(-5, 1), (0, 1), (99, 1), (100, 2), (399, 2), (400, 3), (900, 4)])
def test_levels_begin_at_squares_of_ten(amount, level):
    assert xp.level_of(amount) == level


def test_a_completed_mission_pays_once(tenant, make_member, published):
    member = make_member()
    with tenant_scope(tenant.pk):
        created = missions.create_missions(
            [missions.NewMission("Hello", xp_reward=50, idem_key="m"), missions.NewMission("Hello", idem_key="m")]
        )
        assert [result.outcome for result in created] == ["created", "duplicate"]
        mission_id = created[0].mission_id
        assert missions.start_missions([(mission_id, member.pk)])[0].outcome == "started"
        assert missions.complete_missions([(mission_id, member.pk)])[0].outcome == "completed"
        assert missions.complete_missions([(mission_id, member.pk)])[0].outcome == "already_there"
        outcomes = missions.complete_missions([(mission_id, 10**9), (10**9, member.pk)])
        assert [progress.outcome for progress in outcomes] == ["member_not_found", "mission_not_found"]
        member.refresh_from_db()
        assert member.xp == 50
        assert UserMission.objects.get().progress == 100
    assert types(published.envelopes(tenant)) == ["mission.created", "xp.awarded", "mission.completed"]


def test_a_mission_may_be_completed_without_having_been_started(tenant, make_member):
    member = make_member()
    with tenant_scope(tenant.pk):
        mission_id = missions.create_missions([missions.NewMission("Hello")])[0].mission_id
        assert missions.complete_missions([(mission_id, member.pk)])[0].outcome == "completed"
        assert Mission.objects.get().user_missions.get().completed_at is not None


def test_a_contribution_is_recorded_once(tenant, other_tenant, make_member, make_post, published):
    member, foreign = make_member(), make_post(other_tenant)
    new = contributions.NewContribution
    with tenant_scope(tenant.pk):
        results = contributions.record_contributions(
            [
                new(member.pk, "badge", "Teacher", 10, external_id="x"),
                new(member.pk, "badge", "Teacher", 10, external_id="x"),
                new(member.pk, "badge", "Teacher", post_id=foreign.pk),
                new(10**9, "badge", "Teacher"),
            ]
        )
        assert [result.outcome for result in results] == [
            "created",
            "duplicate",
            "post_not_found",
            "member_not_found",
        ]
        assert Contribution.objects.count() == 1
    assert types(published.envelopes(tenant)) == ["contribution.created"]


def test_a_reward_is_paid_for_and_runs_out(tenant, make_member, published):
    rich, second, poor = make_member(xp=500), make_member(xp=500), make_member(xp=10)
    with tenant_scope(tenant.pk):
        reward_id = rewards.create_rewards([rewards.NewReward("Mug", cost_xp=300, stock=1)])[0].reward_id
        with pytest.raises(rewards.ClaimRefused) as refused:
            rewards.claim_reward(reward_id, poor.pk)
        assert refused.value.code == "xp_too_low"
        rewards.claim_reward(reward_id, rich.pk)
        with pytest.raises(rewards.ClaimRefused) as refused:
            rewards.claim_reward(reward_id, second.pk)
        assert refused.value.code == "out_of_stock"
        with pytest.raises(NotFound):
            rewards.claim_reward(10**9, rich.pk)
        rich.refresh_from_db()
        assert rich.xp == 200
        assert (Reward.objects.get().stock, RewardClaim.objects.count()) == (0, 1)
    assert types(published.envelopes(tenant)) == ["reward.created", "xp.awarded", "reward.claimed"]


# Notifications and messages


def test_a_notification_reaches_those_who_want_it_once(tenant, other_tenant, make_member, app_cause):
    reader, declined, choosy = make_member(), make_member(), make_member()
    suspended, stranger = make_member(status="suspended"), make_member(other_tenant)
    new = notifications.NewNotification
    with tenant_scope(tenant.pk):
        notifications.set_preference(declined.pk, "in_app", False)
        notifications.set_preference(choosy.pk, "in_app", False)
        notifications.set_preference(choosy.pk, "in_app", True, "moderation")
        everyone = [reader.pk, declined.pk, choosy.pk, suspended.pk, stranger.pk]
        results = notifications.notify([new(pk, "Look", topic="moderation", idem_key=f"n:{pk}") for pk in everyone])
        assert [result.outcome for result in results] == [
            "created",
            "declined",
            "created",
            "suspended",
            "not_found",
        ]
        again = notifications.notify([new(reader.pk, "Look", idem_key=f"n:{reader.pk}")])[0]
        assert (again.outcome, again.notification_id) == ("duplicate", results[0].notification_id)
        assert Notification.objects.get(pk=results[0].notification_id).app_id == 77
        assert notifications.wanting(everyone, "in_app", "moderation") == {reader.pk, choosy.pk}
        assert notifications.wanting(everyone, "email", "moderation") == {reader.pk, declined.pk, choosy.pk}
        assert notifications.mark_read(reader.pk) == 1
        assert notifications.mark_read(reader.pk) == 0


def test_a_message_is_queued_once_with_a_message_id_of_its_own(tenant, other_tenant, make_member, app_cause):
    member, declined, nameless = make_member(), make_member(), make_member(email=None)
    stranger = make_member(other_tenant)
    new = messages.NewMessage
    with tenant_scope(tenant.pk):
        notifications.set_preference(declined.pk, "email", False)
        results = messages.queue_messages(
            [
                new("a", "Hello", "Line\r\nBcc: everyone@example.org", member_id=member.pk),
                new("a", "Hello", member_id=member.pk),
                new("b", "Hello", member_id=declined.pk),
                new("c", "Hello", member_id=nameless.pk),
                new("d", "Hello", member_id=stranger.pk),
                new("e", "Hello", to_address="not an address"),
                new("f", "Hello", to_address="partner@example.net"),
                new("g", "Ping", channel="push", member_id=nameless.pk),
                new("h", "Ping", channel="push"),
            ]
        )
        assert [result.outcome for result in results] == [
            "queued",
            "duplicate",
            "suppressed",
            "no_address",
            "not_found",
            "bad_address",
            "queued",
            "queued",
            "no_address",
        ]
        row = OutboundMessage.objects.get(pk=results[0].message_id)
        assert row.subject == "Line Bcc: everyone@example.org"
        assert row.to_address == member.email
        assert (row.app_id, row.execution_id) == (77, 5)
        assert row.message_id == messages.rfc_message_id(tenant.pk, "a") != messages.rfc_message_id(tenant.pk, "b")
        assert row.message_id.endswith("@decommerce.example>")
        suppressed = OutboundMessage.objects.get(pk=results[2].message_id)
        assert (suppressed.state, suppressed.last_error) == ("suppressed", "declined")


def test_a_key_longer_than_its_column_still_tells_messages_apart(tenant):
    long = "k" * 300
    with tenant_scope(tenant.pk):
        first, second, third = messages.queue_messages(
            [messages.NewMessage(key, "x", to_address="a@example.org") for key in (f"{long}1", f"{long}2", f"{long}1")]
        )
    assert (first.outcome, second.outcome, third.outcome) == ("queued", "queued", "duplicate")


# All of them


def statements(work, items):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        work(items)
    return len(queries)


BATCHES = {
    "posts": (lambda pk, n: posts.NewPost(pk["member"], f"Body {n}", idem_key=f"p{n}"), posts.create_posts),
    "flags": (lambda pk, n: flags.NewFlag(pk["posts"][n], "Short", review=True), flags.flag_posts),
    "statuses": (lambda pk, n: posts.StatusChange(pk["posts"][n], "removed"), posts.set_post_status),
    "comments": (
        lambda pk, n: comments.NewComment(pk["posts"][n], pk["member"], "Hm", f"c{n}"),
        comments.create_comments,
    ),
    "reactions": (lambda pk, n: reactions.NewReaction(pk["posts"][n], pk["member"]), reactions.add_reactions),
    "xp": (lambda pk, n: xp.XpAward(pk["members"][n], 10, "Post", f"x{n}"), xp.award_xp),
    "notifications": (
        lambda pk, n: notifications.NewNotification(pk["members"][n], "Look", idem_key=f"n{n}"),
        notifications.notify,
    ),
    "messages": (
        lambda pk, n: messages.NewMessage(f"m{n}", "Hello", member_id=pk["members"][n]),
        messages.queue_messages,
    ),
    "members": (
        lambda pk, n: members.MemberChange(pk["members"][n], {"bio": f"Bio {n}"}),
        members.update_members,
    ),
    "rooms": (lambda pk, n: (pk["room"], pk["members"][n]), rooms.join_rooms),
    "missions": (lambda pk, n: (pk["mission"], pk["members"][n]), missions.complete_missions),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(tenant, make_member, make_post, make_room, name):
    everyone = [make_member() for _ in range(12)]
    keys = {
        "member": everyone[0].pk,
        "members": [member.pk for member in everyone],
        "posts": [make_post(author=everyone[0]).pk for _ in range(12)],
        "room": make_room().pk,
    }
    item, work = BATCHES[name]
    with tenant_scope(tenant.pk):
        keys["mission"] = missions.create_missions([missions.NewMission("Hello", xp_reward=5)])[0].mission_id
        few = statements(work, [item(keys, n) for n in range(2)])
        many = statements(work, [item(keys, n) for n in range(2, 12)])
    assert few == many <= 16


@pytest.mark.requirement("SEC-01")
def test_nothing_of_another_tenant_is_touched(tenant, other_tenant, make_member, make_post, make_room, published):
    member, post, room = make_member(other_tenant), make_post(other_tenant), make_room(other_tenant)
    with tenant_scope(tenant.pk):
        assert xp.award_xp([xp.XpAward(member.pk, 5, "x", "x")])[0].outcome == "not_found"
        assert flags.flag_posts([flags.NewFlag(post.pk, "x")])[0].outcome == "not_found"
        assert posts.set_post_status([posts.StatusChange(post.pk, "removed")])[0].outcome == "not_found"
        assert rooms.archive_rooms([room.pk])[0].outcome == "not_found"
        assert members.update_members([members.MemberChange(member.pk, {"bio": "x"})])[0].outcome == "not_found"
        assert notifications.mark_read(member.pk) == 0
        assert members.audience() == []
    with tenant_scope(other_tenant.pk):
        assert Post.objects.get(pk=post.pk).status == "published"
        assert Room.objects.get(pk=room.pk).status == "active"
        assert Member.objects.get(pk=member.pk).xp == 0
    assert published.envelopes(other_tenant) == []


def test_awards_made_at_the_same_time_are_all_booked(tenant, make_member):
    pair = [make_member().pk, make_member().pk]

    def award(worker: int) -> None:
        for turn in range(10):
            # Every other worker names the members the other way round: locks are taken in one order all the same.
            order = pair if worker % 2 else pair[::-1]
            with tenant_scope(tenant.pk):
                xp.award_xp([xp.XpAward(pk, 1, "Race", f"{worker}:{turn}:{pk}") for pk in order])
        connections.close_all()

    threads = [threading.Thread(target=award, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(tenant.pk):
        assert list(Member.objects.filter(pk__in=pair).values_list("xp", flat=True)) == [40, 40]


def test_the_same_post_written_at_the_same_time_is_written_once(tenant, make_member):
    author = make_member()
    outcomes = []

    def write() -> None:
        with tenant_scope(tenant.pk):
            outcomes.extend(posts.create_posts([posts.NewPost(author.pk, "Once", idem_key="once")]))
        connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.outcome for result in outcomes) == ["created", "duplicate", "duplicate", "duplicate"]
    assert len({result.post_id for result in outcomes}) == 1
