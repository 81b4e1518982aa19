"""Making apps of starters (APP-09)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import current_version
from apps_engine.services.errors import NameTaken, ParametersRefused, StarterNotFound
from apps_engine.services.ingest import ingest
from apps_engine.services.starters import (
    create_app_from,
    definition_of,
    get_starter,
    list_starters,
    preview,
    rehearse,
)
from apps_engine.store.models import EventInbox
from decommerce.community.models import Flag, OutboxEvent
from decommerce.community.services.members import NewMember, join
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.community.services.rooms import create_room
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import PermissionRefused, Principal, system_principal

pytestmark = pytest.mark.requirement("APP-09")


def test_an_app_is_made_of_a_starter_with_its_parameters(scope, principal):
    app = create_app_from(principal, "weekly-digest", {"hour": 18, "subject": "Friday!", "weekday": "FRI"})
    definition = current_version(app).definition
    assert (app.name, app.status) == ("Weekly engagement digest", "active")
    assert definition["triggers"][0]["cron"] == "0 18 * * FRI"
    assert definition["tags"] == ["starter:weekly-digest"]
    assert AuditEntry.objects.filter(verb="app.created", target=f"app:{app.pk}").exists()


def test_a_name_that_is_taken_is_told_with_one_that_is_free(scope, principal):
    create_app_from(principal, "weekly-digest")
    create_app_from(principal, "weekly-digest", name="Weekly engagement digest 2")
    with pytest.raises(NameTaken) as refused:
        create_app_from(principal, "weekly-digest")
    assert "“Weekly engagement digest 3”" in refused.value.hint


def test_a_long_name_that_is_taken_gets_a_free_one_that_fits(scope, principal):
    create_app_from(principal, "weekly-digest", name="x" * 120)
    with pytest.raises(NameTaken) as refused:
        create_app_from(principal, "weekly-digest", name="x" * 120)
    free = refused.value.hint.split("“")[1].split("”")[0]
    assert create_app_from(principal, "weekly-digest", name=free).name == free


def test_every_fault_of_the_parameters_is_told_and_nothing_is_made(scope, principal):
    with pytest.raises(ParametersRefused) as refused:
        create_app_from(principal, "weekly-digest", {"posts": 0, "hour": 99})
    assert {problem.path for problem in refused.value.problems} == {"/posts", "/hour"}
    assert not AuditEntry.objects.filter(verb="app.created").exists()


def test_a_starter_that_there_is_not_is_told_with_the_nearest(scope, principal):
    with pytest.raises(StarterNotFound) as refused:
        get_starter(principal, "weekly-digset")
    assert "weekly-digest" in refused.value.hint


def test_a_preview_tells_what_it_would_do_and_stores_nothing(scope, principal):
    made = preview(principal, "weekly-digest", {"posts": 3})
    assert made.valid
    assert made.definition == definition_of(principal, "weekly-digest", {"posts": 3})
    assert any("up to 3 posts" in sentence for sentence in made.checked.sentences)


def test_the_time_zone_is_that_of_the_community(make_tenant):
    tenant = make_tenant("Alpine", "Europe/Zurich")
    with tenant_scope(tenant.pk):
        made = preview(system_principal(tenant.pk, "the test"), "weekly-digest")
    assert made.definition["triggers"][0]["timezone"] == "Europe/Zurich"


def test_they_are_listed_by_category_and_by_words(scope, principal):
    assert all(starter.category == "email" for starter in list_starters(principal, category="email"))
    assert list_starters(principal, words="weekly newsletter")[0].slug == "weekly-digest"


@pytest.mark.requirement("SEC-01")
def test_a_room_of_another_community_cannot_be_chosen(tenant, other_tenant, principal):
    with tenant_scope(other_tenant.pk):
        theirs = create_room("Theirs")
    with tenant_scope(tenant.pk):
        ours = create_room("Ours")
        assert preview(principal, "weekly-leaderboard-rewards", {"room": ours.pk}).valid
        for room in (theirs.pk, 10**15):
            (fault,) = preview(principal, "weekly-leaderboard-rewards", {"room": room}).faults
            assert (fault.path, fault.code) == ("/room", "not_found")


@pytest.mark.requirement("RUN-12")
def test_a_rehearsal_plays_the_latest_event_that_would_start_the_app(tenant, principal):
    with tenant_scope(tenant.pk):
        ada = join(NewMember("Ada", f"ada@{tenant.slug}.example"))
        assert rehearse(principal, "low-quality-post-detector").happened_at is None
        create_posts([NewPost(ada.pk, "Short."), NewPost(ada.pk, "Shorter")])
        ingest([row.envelope for row in OutboxEvent.objects.order_by("pk")])
        rehearsal = rehearse(principal, "low-quality-post-detector")
    assert (rehearsal.event, rehearsal.tried.counts["flag_content"]) == ("post.created", 1)
    assert rehearsal.tried.effects[0].params["reason"] == "Only 7 characters"
    with tenant_scope(tenant.pk):
        assert rehearsal.happened_at == EventInbox.objects.order_by("-pk")[0].time
        assert not Flag.objects.exists()


@pytest.mark.requirement("SEC-04")
def test_each_deed_needs_its_scope(scope, tenant):
    nobody = Principal("user", 1, "Nobody", tenant.pk, frozenset())
    reader = Principal("user", 1, "Reader", tenant.pk, frozenset({"apps:read"}))
    writer = Principal("user", 1, "Writer", tenant.pk, frozenset({"apps:read", "apps:write"}))
    for principal, deed in (
        (nobody, list_starters),
        (nobody, lambda principal: preview(principal, "weekly-digest")),
        (reader, lambda principal: create_app_from(principal, "weekly-digest")),
        # It would read members and write to them.
        (writer, lambda principal: create_app_from(principal, "weekly-digest")),
    ):
        with pytest.raises(PermissionRefused):
            deed(principal)
