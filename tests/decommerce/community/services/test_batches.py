"""All services: a constant number of statements, and nothing of another tenant."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from decommerce.community.models import Member, Post, Room
from decommerce.community.services import (
    comments,
    flags,
    members,
    messages,
    missions,
    notifications,
    posts,
    reactions,
    rooms,
    user_missions,
    xp,
)
from decommerce.community.services.statuses import StatusChange
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def statements(work, items):
    with CaptureQueriesContext(connection) as queries:
        work(items)
    return len(queries)


BATCHES = {
    "posts": (lambda pk, n: posts.NewPost(pk["member"], f"Body {n}", idem_key=f"p{n}"), posts.create_posts),
    "flags": (lambda pk, n: flags.NewFlag(pk["posts"][n], "Short", review=True), flags.flag_posts),
    "statuses": (lambda pk, n: StatusChange(pk["posts"][n], "removed"), posts.set_post_status),
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
    "missions": (lambda pk, n: (pk["mission"], pk["members"][n]), user_missions.complete_missions),
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
        assert posts.set_post_status([StatusChange(post.pk, "removed")])[0].outcome == "not_found"
        assert rooms.set_room_status([StatusChange(room.pk, "archived")])[0].outcome == "not_found"
        assert members.update_members([members.MemberChange(member.pk, {"bio": "x"})])[0].outcome == "not_found"
        assert notifications.mark_read(member.pk) == 0
        assert members.audience() == []
    with tenant_scope(other_tenant.pk):
        assert Post.objects.get(pk=post.pk).status == "published"
        assert Room.objects.get(pk=room.pk).status == "active"
        assert Member.objects.get(pk=member.pk).xp == 0
    assert published.envelopes(other_tenant) == []
