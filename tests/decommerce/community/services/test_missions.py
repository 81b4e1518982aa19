"""Missions pay once."""

from __future__ import annotations

import pytest

from decommerce.community.models import Mission, UserMission
from decommerce.community.services import missions, user_missions
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_completed_mission_pays_once(tenant, make_member, published):
    member = make_member()
    with tenant_scope(tenant.pk):
        created = missions.create_missions(
            [missions.NewMission("Hello", xp_reward=50, idem_key="m"), missions.NewMission("Hello", idem_key="m")]
        )
        assert [result.outcome for result in created] == ["created", "duplicate"]
        mission_id = created[0].mission_id
        assert user_missions.start_missions([(mission_id, member.pk)])[0].outcome == "started"
        assert user_missions.complete_missions([(mission_id, member.pk)])[0].outcome == "completed"
        assert user_missions.complete_missions([(mission_id, member.pk)])[0].outcome == "already_there"
        outcomes = user_missions.complete_missions([(mission_id, 10**9), (10**9, member.pk)])
        assert [progress.outcome for progress in outcomes] == ["member_not_found", "mission_not_found"]
        member.refresh_from_db()
        assert member.xp == 50
        assert UserMission.objects.get().progress == 100
    assert published.types(tenant) == ["mission.created", "xp.awarded", "mission.completed"]


def test_a_mission_may_be_completed_without_having_been_started(tenant, make_member):
    member = make_member()
    with tenant_scope(tenant.pk):
        mission_id = missions.create_missions([missions.NewMission("Hello")])[0].mission_id
        assert user_missions.complete_missions([(mission_id, member.pk)])[0].outcome == "completed"
        assert Mission.objects.get().user_missions.get().completed_at is not None
