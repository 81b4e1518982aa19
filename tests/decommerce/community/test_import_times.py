"""An old dump moved to these days, and what is made up or derived when it is imported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError
from django.db.models import Max
from django.utils import timezone

from decommerce.community.models import Comment, Contribution, Member, Post, Reaction, Room, RoomMember, XpEntry
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.community.stackexchange_dump import DUMP, FILES, real_dump, rows, run, snapshot, write_dump

pytestmark = pytest.mark.requirement("PIP-01")


@real_dump
@pytest.mark.parametrize("ending", ["2026-11-21T09:00:00Z", "now"])
def test_the_newest_activity_falls_on_the_asked_time_and_all_else_keeps_its_distance(tenant, ending):
    began = timezone.now()
    run(DUMP, tenant, "--ending-at", ending)
    end = began if ending == "now" else datetime.fromisoformat(ending)
    badges = {row["Id"]: row["Date"] for row in rows("Badges.xml")}
    newest = max(badges.values())  # a badge is the last thing that happened on this site
    with tenant_scope(tenant.pk):
        made = {row.external_id: row.created_at for row in Contribution.objects.all()}
        latest = [model.objects.aggregate(at=Max("created_at"))["at"] for model in (Post, Comment, Reaction)]
        assert end <= max(made.values()) <= timezone.now()
        assert max(made.values()) > max(latest)
        for number, date in badges.items():
            distance = datetime.fromisoformat(newest) - datetime.fromisoformat(date)
            assert made.get(f"se:{number}", max(made.values()) - distance) == max(made.values()) - distance
        assert Member.objects.count() == len(rows("Users.xml")) - 1
        assert Member.objects.aggregate(at=Max("last_active_at"))["at"] == max(made.values())
        for room in Room.objects.filter(posts__isnull=False).distinct():
            assert room.created_at <= room.posts.earliest("created_at").created_at
            assert room.last_activity_at == room.posts.latest("created_at").created_at


@real_dump
def test_a_moved_dump_changes_nothing_the_second_time_and_moves_on_when_asked(tenant):
    run(DUMP, tenant, "--ending-at", "2026-11-21T09:00:00Z")
    before = snapshot(tenant)
    run(DUMP, tenant, "--ending-at", "2026-11-21T09:00:00Z")
    assert snapshot(tenant) == before
    run(DUMP, tenant, "--ending-at", "2026-11-22T09:00:00Z")
    with tenant_scope(tenant.pk):
        later = {row.external_id: row.created_at for row in Post.objects.all()}
    assert later == {row["external_id"]: row["created_at"] + timedelta(days=1) for row in before["Post"]}


@real_dump
def test_a_community_can_be_imported_as_it_was_on_a_day(tenant):
    until = datetime(2018, 4, 1, tzinfo=UTC)
    output = run(DUMP, tenant, "--until", until.isoformat())
    then = {row["Id"] for row in rows("Badges.xml") if row["Date"] <= "2018-04-01" and row["UserId"] != "-1"}
    with tenant_scope(tenant.pk):
        assert set(Contribution.objects.values_list("external_id", flat=True)) == {f"se:{number}" for number in then}
        assert Member.objects.aggregate(at=Max("last_active_at"))["at"] == until
        assert Post.objects.filter(created_at__gt=until).count() == 0
        assert Post.objects.filter(updated_at=until).exists()  # edited later
    assert "later than what is imported" in output


@real_dump
def test_what_members_earned_before_they_came_is_booked_on_the_day_they_joined(tenant):
    run(DUMP, tenant, "--ending-at", "now")
    with tenant_scope(tenant.pk):
        joined = dict(Member.objects.values_list("pk", "joined_at"))
        booked = XpEntry.objects.values_list("member_id", "created_at")
        assert dict(booked) == {member: joined[member] for member, _ in booked}


@real_dump
def test_members_get_made_up_addresses_only_when_asked(tenant, other_tenant):
    run(DUMP, tenant)
    run(DUMP, other_tenant, "--with-addresses")
    with tenant_scope(tenant.pk):
        assert set(Member.objects.values_list("email", flat=True)) == {None}
    with tenant_scope(other_tenant.pk):
        for member in Member.objects.all():
            assert member.email == f"user-{member.external_id.removeprefix('se:')}@example.org"


@real_dump
def test_whoever_wrote_in_a_room_is_in_it_since_then(tenant):
    first: dict[tuple[int, int], datetime] = {}
    output = run(DUMP, tenant)
    with tenant_scope(tenant.pk):
        written = [*Post.objects.exclude(room=None).values_list("room_id", "author_id", "created_at")]
        written += Comment.objects.exclude(post__room=None).values_list("post__room_id", "author_id", "created_at")
        for room, author, at in written:
            first[room, author] = min(at, first.get((room, author), at))
        found = {(row.room_id, row.member_id): row.joined_at for row in RoomMember.objects.all()}
        assert found == first
    assert f"room members: {len(first)} new, 0 changed, 0 as before" in output
    assert f"room members: 0 new, 0 changed, {len(first)} as before" in run(DUMP, tenant)


@pytest.mark.parametrize("ending", ["yesterday", "2026-11-21", "2026-11-21T09:00:00"])
def test_an_ending_that_is_no_time_is_refused_in_words(tenant, tmp_path, ending):
    with pytest.raises(CommandError, match="--ending-at: write `now`, or a date and time with its time zone"):
        run(write_dump(tmp_path), tenant, "--ending-at", ending)


def test_a_time_that_leaves_the_calendar_is_left_out_with_its_reason(tenant, tmp_path):
    users = [{**FILES["Users"][1], "CreationDate": "0001-01-01T00:00:00.000"}]
    badges = [{**FILES["Badges"][0], "Date": "9999-01-04T00:00:00.000"}]
    output = run(write_dump(tmp_path, Users=users, Badges=badges), tenant, "--ending-at", "2026-11-21T09:00:00Z")
    assert "members: 0 new, 0 changed, 0 as before; 1 left out: 1 with a broken CreationDate" in output
