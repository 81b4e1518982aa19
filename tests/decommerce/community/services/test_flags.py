"""Flags: one at a time of an app, and each resolved once."""

from __future__ import annotations

import pytest

from decommerce.community.models import Flag
from decommerce.community.services import flags
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


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
    assert [envelope["type"] for envelope in envelopes] == ["post.flagged", "post.status_changed", "post.flagged"]
    assert envelopes[0]["data"]["flag"]["severity"] == "low"
    assert envelopes[0]["chain"] == "77"


def test_a_resolved_flag_makes_room_for_another(tenant, make_post, app_cause):
    post = make_post()
    with tenant_scope(tenant.pk):
        first = flags.flag_posts([flags.NewFlag(post.pk, "Short")])[0]
        look = [flags.FlagResolution(first.flag_id)]
        assert flags.resolve_flags(look) == [flags.FlagResolved(first.flag_id, "resolved")]
        assert flags.resolve_flags(look) == [flags.FlagResolved(first.flag_id, "already_resolved")]
        assert flags.flag_posts([flags.NewFlag(post.pk, "Short")])[0].outcome == "flagged"
