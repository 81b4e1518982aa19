"""The whole way: a post, its event, the queue, the consumer, a worker, the flag and the moderators' notification."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.runs import get_run
from apps_engine.store.models import Execution
from decommerce.community.founding import seat
from decommerce.community.models import Flag, Member, Notification
from decommerce.community.services.members import NewMember, join
from decommerce.community.services.posts import create_post
from decommerce.tenancy.context import tenant_scope
from tests.scenarios.definitions import flagging
from tests.waiting import until


@pytest.mark.requirement("TRG-02")
@pytest.mark.requirement("TRG-08")
@pytest.mark.requirement("SEC-01")
def test_a_short_post_is_flagged_and_the_moderators_of_its_community_are_told(
    processes, tenant, other_tenant, principal
):
    for community in (tenant, other_tenant):
        seat(community, f"moderator@{community.slug}.example", "moderator", display_name="Moderator")
        with tenant_scope(community.pk):
            join(NewMember("Writer", f"writer@{community.slug}.example"))
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
        writer = Member.objects.get(display_name="Writer").pk
    processes.consumer()
    processes.worker()

    with tenant_scope(tenant.pk):
        long = create_post(author_id=writer, body="A post that has quite enough to say for itself. " * 3)
        short = create_post(author_id=writer, body="First!")
    with tenant_scope(other_tenant.pk):
        create_post(author_id=Member.objects.get(display_name="Writer").pk, body="First!")

    def flagged() -> list[int]:
        with tenant_scope(tenant.pk):
            return list(Flag.objects.values_list("post_id", flat=True))

    def run_states() -> list[str]:
        with tenant_scope(tenant.pk):
            return list(Execution.objects.values_list("state", flat=True))

    until(lambda: run_states() == ["succeeded"], "the app ran")
    assert flagged() == [short.pk]
    assert long.pk not in flagged()
    with tenant_scope(tenant.pk):
        moderator = Member.objects.get(display_name="Moderator").pk
        note = Notification.objects.get()
        assert (note.member_id, note.title, note.app_id) == (moderator, f"Look at post {short.pk}", app.pk)
        told = run_as_dict(get_run(principal, Execution.objects.get().pk), principal)
    assert [(step["path"], step["status"]) for step in told["steps"]] == [("main/flag", "done"), ("main/tell", "done")]
    with tenant_scope(other_tenant.pk):
        assert not Flag.objects.exists()
        assert not Notification.objects.exists()
        assert not Execution.objects.exists()
