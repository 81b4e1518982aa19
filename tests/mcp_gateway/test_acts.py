"""The tools that change the community's data: by the actions of the registry, audited, once (MCP-03)."""

from __future__ import annotations

import pytest

from decommerce.community.models import Mission, Notification, Post
from decommerce.community.services.members import NewMember, join
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry

pytestmark = pytest.mark.requirement("MCP-03")
KEY = "0c5b4b0e-9f0e-4f0b-9a58-3d0e0f0c6a11"


def test_a_post_is_written_once_and_the_audit_log_says_by_whom(agent, tenant):
    first, again = (agent.result("create_post", body="Hello", idempotency_key=KEY) for _ in range(2))
    assert first == again
    assert first["created"] is True
    with tenant_scope(tenant.pk):
        assert [post.body for post in Post.objects.all()] == ["Hello"]
        (entry,) = AuditEntry.objects.filter(verb="data.create_post")
        assert (entry.target, entry.actor_kind) == (f"post:{first['post_id']}", "api_key")
        assert "Hello" not in str(entry.details)


def test_a_mission_is_set_up(agent, tenant):
    made = agent.result("create_mission", title="Post a recipe", xp_reward=50)
    with tenant_scope(tenant.pk):
        assert Mission.objects.get().pk == made["mission_id"]


def test_a_member_is_told_something(agent, tenant):
    with tenant_scope(tenant.pk):
        member = join(NewMember("Ada"))
    sent = agent.result("send_notification", to=member.pk, title="Hello")
    assert sent["notified"] == 1
    with tenant_scope(tenant.pk):
        assert Notification.objects.get().member_id == member.pk


def test_what_nobody_wrote_is_an_error_and_not_a_result(agent, tenant):
    refused = agent.refusal("create_post", body="Hello", room_id=999_999)
    assert refused["code"] == "room_not_found"
    with tenant_scope(tenant.pk):
        assert not AuditEntry.objects.filter(verb="data.create_post").exists()


@pytest.mark.parametrize("arguments", [{}, {"body": " "}, {"body": "x", "status": "published"}, {"body": "\x00"}])
def test_arguments_that_do_not_fit_write_nothing(agent, tenant, arguments):
    assert agent.refusal("create_post", **arguments)["code"] == "invalid_arguments"
    with tenant_scope(tenant.pk):
        assert not Post.objects.exists()


def test_a_key_that_only_reads_writes_nothing(make_agent, tenant):
    agent = make_agent(tenant, ["data:read", "apps:read"])
    assert agent.refusal("send_notification", to="everyone", title="Hi")["code"] == "permission_refused"
