"""A Stack Exchange dump becomes a community, as often as one likes; the expected counts come from the XML itself."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from decommerce.community.models import Member, Post, Room, XpEntry
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.community.stackexchange_dump import (
    DUMP,
    FILES,
    MODELS,
    real_dump,
    rows,
    run,
    snapshot,
    write_dump,
)

pytestmark = pytest.mark.requirement("PIP-01")


def counts(tenant) -> dict[str, int]:
    with tenant_scope(tenant.pk):
        return {model.__name__: model.objects.count() for model in MODELS}


@pytest.fixture(scope="module")
def expected() -> dict[str, set[str]]:
    """What the XML says must arrive: the numbers of the rows of each kind."""
    users = {row["Id"] for row in rows("Users.xml")} - {"-1"}
    posts = {row["Id"] for row in rows("Posts.xml") if row["PostTypeId"] in "12" and row.get("OwnerUserId") in users}
    comments = [row for row in rows("Comments.xml") if row["PostId"] in posts and row.get("UserId") in users]
    votes = [row for row in rows("Votes.xml") if row["PostId"] in posts and row["VoteTypeId"] in "1235"]
    badges = [row for row in rows("Badges.xml") if row["UserId"] in users]
    return {
        "Member": users,
        "Room": {row["Id"] for row in rows("Tags.xml") if row["Count"] != "0"},
        "Post": posts,
        "Comment": {row["Id"] for row in comments},
        "Reaction": {row["Id"] for row in votes},
        "Contribution": {row["Id"] for row in badges},
    }


@real_dump
def test_every_row_of_the_dump_arrives_or_is_accounted_for(tenant, expected):
    output = run(DUMP, tenant)
    with tenant_scope(tenant.pk):
        for model in MODELS[:-1]:
            found = set(model.objects.values_list("external_id", flat=True))
            assert found == {f"se:{number}" for number in expected[model.__name__]}, model
    for file, nouns in {
        "Users.xml": ["members"],
        "Posts.xml": ["questions", "answers"],
        "Comments.xml": ["comments"],
        "Votes.xml": ["reactions"],
        "Badges.xml": ["contributions"],
    }.items():
        told = 0
        for noun in nouns:
            line = re.search(rf"^{noun}: (\d+) new, 0 changed, 0 as before(?:; (\d+) left out)?", output, re.M)
            told += int(line[1]) + int(line[2] or 0)
        assert told == len(rows(file)), file
    assert "1 the site's own community user" in output


@real_dump
def test_members_and_posts_are_what_the_dump_says(tenant, expected):
    run(DUMP, tenant)
    posts = {row["Id"]: row for row in rows("Posts.xml")}
    comments_of = Counter(row["PostId"] for row in rows("Comments.xml") if row["Id"] in expected["Comment"])
    with tenant_scope(tenant.pk):
        for member in Member.objects.all():
            entries = XpEntry.objects.filter(member=member).values_list("amount", flat=True)
            assert member.xp == sum(entries)
        reputations = {f"se:{row['Id']}": int(row["Reputation"]) for row in rows("Users.xml") if row["Id"] != "-1"}
        assert dict(Member.objects.values_list("external_id", "xp")) == reputations
        for post in Post.objects.select_related("author", "parent", "room"):
            row = posts[post.external_id.removeprefix("se:")]
            assert post.score == int(row["Score"])
            assert post.author.external_id == f"se:{row['OwnerUserId']}"
            assert post.created_at.isoformat().startswith(row["CreationDate"][:23].rstrip("0"))
            assert post.comment_count == comments_of[row["Id"]]
            assert post.body_length == len(post.body)
            parent = f"se:{row['ParentId']}" if row.get("ParentId") in expected["Post"] else None
            assert (post.parent.external_id if post.parent else None) == parent
            if row["PostTypeId"] == "1":
                assert post.room.name in row["Tags"]
            elif post.parent:
                assert post.room_id == post.parent.room_id
        for room in Room.objects.filter(posts__isnull=False).distinct():
            assert room.last_activity_at == room.posts.latest("created_at").created_at


@real_dump
@pytest.mark.requirement("TRG-08")
def test_an_import_emits_nothing_unless_it_is_asked_to(tenant, other_tenant, published, expected):
    run(DUMP, tenant)
    assert published.envelopes(tenant) == []
    run(DUMP, other_tenant, "--emit")
    types = Counter(envelope["type"] for envelope in published.envelopes(other_tenant))
    assert types["member.joined"] == len(expected["Member"])
    assert types["post.created"] == len(expected["Post"])
    assert types["comment.created"] == len(expected["Comment"])


@real_dump
def test_a_second_import_changes_nothing(tenant):
    run(DUMP, tenant)
    before = snapshot(tenant)
    output = run(DUMP, tenant)
    assert snapshot(tenant) == before
    assert re.search(r"^members: 0 new, 0 changed, \d+ as before", output, re.M)


@real_dump
@pytest.mark.requirement("SEC-01")
def test_the_same_dump_may_become_two_communities(tenant, other_tenant):
    run(DUMP, tenant)
    assert set(counts(other_tenant).values()) == {0}
    run(DUMP, other_tenant)
    assert counts(other_tenant) == counts(tenant)


# A small dump with everything that goes wrong


def test_what_is_left_out_is_said_with_its_reason(tenant, tmp_path):
    output = run(write_dump(tmp_path), tenant)
    lines = {line.partition(":")[0]: line for line in output.splitlines() if " new, " in line}
    assert lines["members"].startswith("members: 1 new, 0 changed, 0 as before; 4 left out: ")
    for reason in ("1 without Reputation", "1 with a broken CreationDate", "1 with a broken Id"):
        assert reason in lines["members"]
    assert lines["rooms"].endswith("1 left out: 1 without a post")
    assert "1 which are the site's own wiki pages" in lines["questions"]
    assert "1 without an author (the account is gone)" in lines["questions"]
    assert lines["answers"].startswith("answers: 2 new")
    assert "1 by a user who is not in the dump" in lines["answers"]
    assert "1 by the site's own community user" in lines["answers"]
    assert "1 under a post that was left out or deleted" in lines["comments"]
    assert "1 for a post that was left out or deleted" in lines["reactions"]
    assert "1 which moderate rather than react" in lines["reactions"]
    assert "1 the same already exists here" in lines["reactions"]


def test_html_becomes_text_and_tags_become_rooms(tenant, tmp_path):
    run(write_dump(tmp_path), tenant)
    with tenant_scope(tenant.pk):
        question = Post.objects.get(external_id="se:10")
        assert question.body == "One\n\nTwo"
        assert question.room.name == "c++"
        answer, alone = Post.objects.get(external_id="se:13"), Post.objects.get(external_id="se:14")
        assert (answer.parent, answer.room) == (question, question.room)
        assert (alone.parent, alone.room) == (None, None)


def test_a_newer_dump_brings_rows_up_to_date(tenant, tmp_path):
    run(write_dump(tmp_path), tenant)
    user = {**FILES["Users"][1], "Reputation": "120", "DisplayName": "Ada L."}
    post = {**FILES["Posts"][0], "Score": "9", "Body": "<p>Edited</p>"}
    output = run(write_dump(tmp_path, Users=[user], Posts=[post]), tenant)
    with tenant_scope(tenant.pk):
        member = Member.objects.get(external_id="se:1")
        assert (member.display_name, member.xp, member.level) == ("Ada L.", 120, 2)
        assert list(XpEntry.objects.order_by("pk").values_list("amount", flat=True)) == [150, -30]
        edited = Post.objects.get(external_id="se:10")
        assert (edited.body, edited.body_length, edited.score, edited.comment_count) == ("Edited", 6, 9, 1)
    assert "members: 0 new, 1 changed" in output


def test_a_reputation_of_millions_is_booked_to_the_point(tenant, tmp_path):
    run(write_dump(tmp_path, Users=[{**FILES["Users"][1], "Reputation": "2400005"}]), tenant)
    with tenant_scope(tenant.pk):
        assert Member.objects.get(external_id="se:1").xp == 2_400_005


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<users><row Id='1'", "broken at line 1"),
        ("no xml at all", "broken at line 1"),
        ("", "broken at line 1"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><users><row Id="&a;"/></users>', "not safe to read"),
    ],
)
@pytest.mark.requirement("SEC-03")
def test_a_broken_or_dangerous_file_is_refused_in_words(tenant, tmp_path, text, says):
    folder = write_dump(tmp_path)
    (folder / "Users.xml").write_text(text)
    with pytest.raises(CommandError, match=says):
        run(folder, tenant)


def test_a_folder_that_is_no_dump_is_refused_by_what_it_lacks(tenant, tmp_path):
    with pytest.raises(CommandError, match=r"has no Badges\.xml, Comments\.xml"):
        run(tmp_path, tenant)


def test_an_unknown_tenant_is_refused_with_those_there_are(tenant, tmp_path):
    with pytest.raises(CommandError, match="There is no tenant “nobody”. Tenants: "):
        call_command("import_stackexchange", str(tmp_path), "--tenant", "nobody")
