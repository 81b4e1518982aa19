"""The tools that read the community's data: paged, bounded, one way to read rows (MCP-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import Member
from decommerce.community.services.members import NewMember, join
from decommerce.community.services.posts import create_post
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from mcp_gateway.tools import rows
from mcp_gateway.tools.rows import LONGEST_TEXT, READINGS

pytestmark = pytest.mark.requirement("MCP-03")


@pytest.fixture
def author(tenant):
    """A member with seven posts."""
    with tenant_scope(tenant.pk):
        member = join(NewMember("Ada"))
        for number in range(7):
            create_post(author_id=member.pk, body=f"Post {number}")
        return member


def test_pages_together_are_the_whole_list_and_no_row_comes_twice(agent, author):
    seen, cursor = [], None
    for _ in range(5):
        page = agent.result("list_posts", limit=3, **({} if cursor is None else {"cursor": cursor}))
        seen += [row["body"] for row in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"Post {number}" for number in reversed(range(7))]


def test_a_row_that_comes_while_somebody_reads_shifts_nothing(agent, tenant, author):
    first = agent.result("list_posts", limit=3, fields=["body"])
    with tenant_scope(tenant.pk):
        create_post(author_id=author.pk, body="Newer")
    second = agent.result("list_posts", limit=9, fields=["body"], cursor=first["next_cursor"])
    bodies = [row["body"] for row in [*first["rows"], *second["rows"]]]
    assert bodies == [f"Post {number}" for number in reversed(range(7))]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "order_by",
    [["-xp"], ["xp"], ["last_active_at", "-xp"], ["-last_active_at"], ["-engagement_score", "id"], ["country"]],
)
def test_pages_in_any_order_are_the_whole_list(tenant, author, order_by):
    reading = next(one for one in READINGS if one.name == "list_users").tool()
    principal = system_principal(tenant.pk, "the test")
    with tenant_scope(tenant.pk):
        for number in range(8):
            member = join(NewMember(f"Member {number}", country="CH" if number % 3 else ""))
            seen = None if number % 3 else timezone.now() - timedelta(hours=number % 2)
            Member.objects.filter(pk=member.pk).update(xp=number // 2, last_active_at=seen, engagement_score=number % 4)
        whole = reading.call(principal, {"order_by": order_by, "limit": 100, "fields": ["id"]})["rows"]
        pages, cursor = [], None
        while True:
            asked = {"order_by": order_by, "limit": 2, "fields": ["id"], **({"cursor": cursor} if cursor else {})}
            page = reading.call(principal, asked)
            pages += page["rows"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    assert pages == whole
    assert len(whole) == 9


def test_a_filter_is_that_of_definitions_and_its_faults_are_told_with_their_paths(agent, author):
    found = agent.result("list_posts", where={"body": {"contains": "3"}}, fields=["id", "body"])
    assert [row["body"] for row in found["rows"]] == ["Post 3"]
    assert set(found["rows"][0]) == {"id", "body"}
    refused = agent.refusal("list_posts", where={"bodi": "x", "score": {"matches": "y"}})
    assert {(problem["path"], problem["code"]) for problem in refused["problems"]} == {
        ("/where/bodi", "unknown_field"),
        ("/where/score/matches", "operator_not_admitted"),
    }
    assert "body" in refused["problems"][0]["hint"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"where": {"body": "{{ now }}"}},
        {"where": {"body": {"eq": "{{ 'a' * 3 }}"}}},
        {"fields": ["password"]},
        {"order_by": ["-nothing"]},
        {"limit": 0},
        {"limit": 101},
        {"cursor": "bm9uc2Vuc2U"},
        {"cursor": "%%%"},
        {"tenant_id": 1},
    ],
)
def test_what_cannot_be_asked_is_refused_and_changes_nothing(agent, author, arguments):
    refused = agent.refusal("list_posts", **arguments)
    assert refused["code"] == "invalid_arguments"
    assert refused["problems"]


def test_a_cursor_is_good_for_its_own_question_only(agent, author):
    cursor = agent.result("list_posts", limit=3)["next_cursor"]
    refused = agent.refusal("list_posts", limit=3, where={"kind": "post"}, cursor=cursor)
    assert refused["problems"][0]["code"] == "bad_cursor"


def test_long_texts_are_cut_and_the_answer_says_where(agent, tenant, author):
    with tenant_scope(tenant.pk):
        long = create_post(author_id=author.pk, body="x" * 50_000)
    page = agent.result("list_posts", limit=2)
    assert len(page["rows"][0]["body"]) == LONGEST_TEXT + 1
    assert page["cut"] == [{"path": "/rows/0/body", "what": "characters", "kept": LONGEST_TEXT, "length": 50_000}]
    alone = agent.result("list_posts", where={"id": long.pk}, fields=["body"])
    assert len(alone["rows"][0]["body"]) == 50_000


def test_a_page_has_a_size_and_the_next_one_goes_on_where_it_ends(agent, tenant, author, monkeypatch):
    monkeypatch.setattr(rows, "MOST_BYTES", 100)
    reading = next(one for one in READINGS if one.name == "list_posts").tool()
    principal = system_principal(tenant.pk, "the test")
    with tenant_scope(tenant.pk):
        first = reading.call(principal, {"fields": ["id", "body"], "limit": 7})
        second = reading.call(principal, {"fields": ["id", "body"], "limit": 7, "cursor": first["next_cursor"]})
    bodies = [row["body"] for row in [*first["rows"], *second["rows"]]]
    assert 0 < len(first["rows"]) < 7
    assert bodies == [f"Post {number}" for number in reversed(range(7))][: len(bodies)]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
def test_each_reads_its_connector_as_its_example_says(agent, author, reading):
    found = agent.result(reading.name, **reading.example)
    assert isinstance(found["rows"], list)
    plain = agent.result(reading.name)
    assert plain["rows"] or reading.name not in {"list_users", "list_posts", "get_community_stats"}


def test_reading_needs_its_scope(make_agent, tenant):
    agent = make_agent(tenant, ["apps:read", "apps:write", "apps:run", "data:write"])
    assert agent.refusal("list_users")["code"] == "permission_refused"
