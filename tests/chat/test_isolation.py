"""No page shows or changes what belongs to another tenant, or to another person (SEC-01)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from apps_engine.store.models import App
from chat.model.port import ToolCall
from chat.models import Conversation, PendingCall
from chat.turns.record import begin_answer, open_conversation
from decommerce.community.models import Notification, Post
from decommerce.community.services.posts import create_post
from decommerce.tenancy.context import tenant_scope
from tests.chat.definitions import digest
from tests.chat.proposals import proposed

pytestmark = pytest.mark.requirement("SEC-01")


@dataclass(frozen=True)
class Belongings:
    """One of everything that `tenant` has."""

    app: int
    run: int
    post: int
    conversation: int
    call: PendingCall


@pytest.fixture
def belongings(tenant, person, make_app, run_to_its_end, member_of, admin_user) -> Belongings:
    author = member_of(admin_user, tenant)
    app = make_app("Secret digest")
    run = run_to_its_end(app)
    with tenant_scope(tenant.pk):
        post = create_post(author_id=author.pk, title="Secret post", body="Only for Acme.")
        Notification.objects.create(member=author, title="Secret notification")
        talk = open_conversation(person, "Secret conversation")
        answer = begin_answer(talk.pk)
        call = proposed(person, answer, ToolCall("1", "create_app", {"definition": digest("Secret app")}))
    return Belongings(app, run, post.pk, talk.pk, call)


@pytest.fixture
def rival(signed_in, make_person, other_tenant) -> Client:
    """The browser of another tenant's owner."""
    return signed_in(make_person(other_tenant, "owner"))


@pytest.fixture
def colleague(signed_in, make_person, tenant) -> Client:
    """The browser of another admin of the same tenant."""
    return signed_in(make_person(tenant, "admin"))


def pages(has: Belongings) -> list[str]:
    return [
        f"/apps/{has.app}/",
        f"/apps/{has.app}/run/",
        f"/apps/{has.app}/backtest/",
        f"/apps/{has.app}/shadow/",
        f"/runs/{has.run}/",
        f"/runs/{has.run}/now/",
        f"/runs/{has.run}/stream/",
        f"/community/posts/{has.post}/",
        f"/community/posts/{has.post}/now/",
        f"/chat/{has.conversation}/",
        f"/chat/{has.conversation}/stream/",
    ]


def deeds(has: Belongings) -> list[str]:
    apps = [
        f"/apps/{has.app}/{deed}/"
        for deed in ("pause", "resume", "run", "backtest", "shadow", "delete", "retry-failed", "failed-again")
    ]
    talks = [f"/chat/{has.conversation}/{deed}/" for deed in ("messages", "stop", "delete")]
    calls = [f"/chat/calls/{has.call.pk}/{verdict}/" for verdict in ("confirm", "reject")]
    runs = [f"/runs/{has.run}/{deed}/" for deed in ("cancel", "retry", "again", "effects/1/done")]
    return [*apps, *talks, *calls, *runs]


def test_another_tenants_pages_do_not_exist(rival, belongings):
    assert {page: rival.get(page).status_code for page in pages(belongings)} == dict.fromkeys(pages(belongings), 404)


def test_another_tenants_buttons_do_not_exist(rival, belongings, tenant):
    form = {"text": "x", "digest": belongings.call.digest}
    answers = {deed: rival.post(deed, form).status_code for deed in deeds(belongings)}
    assert answers == dict.fromkeys(deeds(belongings), 404)
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=belongings.app).status == "active"
        assert Conversation.objects.filter(pk=belongings.conversation).exists()
        assert PendingCall.objects.get(pk=belongings.call.pk).state == "pending"


@pytest.mark.parametrize("address", ["/apps/", "/chat/", "/notifications/", "/community/write/"])
def test_another_tenants_lists_show_nothing(rival, belongings, address):
    answer = rival.get(address)
    assert answer.status_code == 200
    assert "Secret" not in answer.content.decode()


def test_a_conversation_is_its_owners_alone(colleague, belongings):
    own = [page for page in pages(belongings) if page.startswith("/chat/")]
    assert {colleague.get(page).status_code for page in own} == {404}
    assert "Secret conversation" not in colleague.get("/chat/").content.decode()
    decisions = [deed for deed in deeds(belongings) if deed.startswith("/chat/")]
    assert {colleague.post(deed, {"text": "x"}).status_code for deed in decisions} == {404}


def test_a_colleague_sees_the_apps_of_the_team(colleague, belongings):
    assert colleague.get(f"/apps/{belongings.app}/").status_code == 200
    assert colleague.get(f"/runs/{belongings.run}/").status_code == 200


def test_signed_out_everything_leads_to_the_sign_in_page(belongings):
    stranger = Client()
    for page in [*pages(belongings), "/apps/", "/chat/", "/notifications/", "/community/write/"]:
        answer = stranger.get(page)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")
    for deed in deeds(belongings):
        assert stranger.post(deed)["Location"].partition("?")[0] == "/sign-in/"


def test_a_post_under_review_is_for_the_team_and_its_author(signed_in, make_person, tenant, belongings):
    browser = signed_in(make_person(tenant, "member"))
    assert browser.get(f"/community/posts/{belongings.post}/").status_code == 200
    with tenant_scope(tenant.pk):
        Post.objects.filter(pk=belongings.post).update(status="review")
    assert browser.get(f"/community/posts/{belongings.post}/").status_code == 404


@pytest.mark.parametrize("number", ["0", "999999999999999999", "9" * 30, "-1", "x"])
def test_numbers_that_are_no_rows_are_not_found(admin, number):
    for address in (f"/apps/{number}/", f"/runs/{number}/", f"/chat/{number}/", f"/community/posts/{number}/"):
        assert admin.get(address).status_code == 404
