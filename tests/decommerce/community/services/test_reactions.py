"""Reactions count once each."""

from __future__ import annotations

import pytest

from decommerce.community.models import Reaction
from decommerce.community.services import reactions
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


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
    assert [envelope["type"] for envelope in envelopes] == ["reaction.added"] * 4
    assert envelopes[0]["data"]["post"]["score"] == 1
