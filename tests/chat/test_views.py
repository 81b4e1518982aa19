"""The pages of apps, runs, notifications and posts, as Django's client sees them."""

from __future__ import annotations

import pytest
from django.views.defaults import server_error

from apps_engine.services.apps import create_app, get_app, pause_app, update_app
from apps_engine.services.decisions import Refusal, record_decisions
from apps_engine.services.runs import get_run, run_app
from apps_engine.store.models import App, Execution
from chat.models import Conversation
from decommerce.community.models import Notification, Post, Room
from decommerce.community.services.flags import NewFlag, flag_posts
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from tests.chat.definitions import digest

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 91283*7 }}{% now 'Y' %}"


def page(browser, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def assert_harmless(html: str) -> None:
    for part in ("<script>alert", "<img src=x", "638981"):
        assert part not in html.replace("{{ 91283*7 }}", "")
    assert "&lt;script&gt;" in html


def test_home_leads_to_the_chat(admin, client):
    assert admin.get("/")["Location"] == "/chat/"
    assert client.get("/")["Location"] == "/sign-in/"


def test_an_empty_list_of_apps_says_what_to_do(admin):
    html = page(admin, "/apps/")
    assert "No apps yet" in html
    assert 'href="/chat/"' in html


@pytest.mark.requirement("CHT-04")
def test_apps_are_listed_searched_and_filtered(admin, make_app, person, tenant):
    make_app("Weekly digest")
    paused = make_app("Daily digest")
    with tenant_scope(tenant.pk):
        pause_app(person, paused, "Too noisy")
    everything = page(admin, "/apps/")
    assert "Weekly digest" in everything
    assert "Too noisy" in everything
    assert "Weekly digest" not in page(admin, "/apps/?status=paused")
    assert "Daily digest" not in page(admin, "/apps/?search=week")
    assert "No app matches" in page(admin, "/apps/?search=nothing%00like%20it")
    assert "Weekly digest" in page(admin, "/apps/?status=nonsense")


@pytest.mark.requirement("CHT-04")
def test_an_apps_page_says_what_it_does_and_who_made_it(admin, make_app, admin_user, person, tenant):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        update_app(person, app_id, {**digest(), "description": "Now with a reason."})
    html = page(admin, f"/apps/{app_id}/")
    for words in (
        "Runs when an admin starts it.",
        "Sends notifications to moderators",
        "‹members› so far.",
        "Now with a reason.",
        f"by {admin_user.display_name}",
        "It has not run yet.",
        "Run now",
    ):
        assert words in html
    assert (
        html.index("&quot;schema_version&quot;") < html.index("&quot;triggers&quot;") < html.index("&quot;flows&quot;")
    )
    assert html.count('data-label="Version"') == 2


@pytest.mark.requirement("APP-03")
def test_pausing_and_resuming_by_the_buttons(admin, make_app, person, tenant):
    app_id = make_app()
    after = admin.post(f"/apps/{app_id}/pause/", follow=True)
    assert "No new step starts until you resume it." in after.content.decode()
    with tenant_scope(tenant.pk):
        assert get_app(person, app_id).status == "paused"
    admin.post(f"/apps/{app_id}/resume/")
    with tenant_scope(tenant.pk):
        assert get_app(person, app_id).status == "active"


@pytest.mark.requirement("APP-03")
def test_an_app_that_was_stopped_for_its_failures_has_no_next_run(admin, make_app, tenant):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        App.objects.filter(pk=app_id).update(status="error")
    assert "<dd>not while it is in error</dd>" in page(admin, f"/apps/{app_id}/")


@pytest.mark.requirement("APP-07")
def test_deleting_by_the_button_leaves_the_runs_readable(admin, make_app, run_to_its_end):
    app_id = make_app()
    run_id = run_to_its_end(app_id)
    assert "The app is deleted" in admin.post(f"/apps/{app_id}/delete/", follow=True).content.decode()
    page(admin, f"/apps/{app_id}/", 404)
    assert "Weekly digest" in page(admin, f"/runs/{run_id}/")
    assert "Weekly digest" in page(admin, "/apps/?status=deleted")


@pytest.mark.requirement("APP-04")
def test_running_by_the_button_leads_to_the_run(admin, make_app):
    answer = admin.post(f"/apps/{make_app()}/run/")
    assert answer["Location"].startswith("/runs/")
    assert "Waiting for a worker" in page(admin, answer["Location"])


def test_buttons_take_a_press(admin, make_app):
    app_id = make_app()
    for deed in ("pause", "delete", "retry-failed"):
        assert admin.get(f"/apps/{app_id}/{deed}/").status_code == 405
    assert admin.post(f"/apps/{app_id}/explode/").status_code == 404


def test_a_moderator_sees_apps_and_cannot_change_them(signed_in, make_person, make_app, tenant, person):
    moderator = signed_in(make_person(tenant, "moderator"))
    app_id = make_app()
    html = page(moderator, f"/apps/{app_id}/")
    assert "Run now" in html
    assert "Delete for good" not in html
    answer = moderator.post(f"/apps/{app_id}/delete/")
    assert (answer.status_code, "apps:write" in answer.content.decode()) == (403, True)
    with tenant_scope(tenant.pk):
        assert get_app(person, app_id).status == "active"


def test_what_cannot_be_done_is_said_on_a_page(admin, make_app, person, tenant):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        pause_app(person, app_id)
    answer = admin.post(f"/apps/{app_id}/run/")
    assert answer.status_code == 409
    assert "Resume it first." in answer.content.decode()


@pytest.mark.requirement("RUN-08")
def test_a_run_is_told_step_by_step(admin, make_app, run_to_its_end):
    run_id = run_to_its_end(make_app())
    html = page(admin, f"/runs/{run_id}/")
    for words in ("Succeeded", "Started by hand", "Read members", "Sends notifications", "main/tell", "data-final"):
        assert words in html
    assert "&quot;connector&quot;: &quot;users&quot;" in html


@pytest.mark.requirement("RUN-08")
def test_a_failed_step_says_why_and_what_to_do(admin, person, tenant, run_to_its_end):
    broken = digest("Broken")
    broken["flows"]["main"]["steps"][1]["params"]["body"] = "{{ members[50].display_name }}"
    with tenant_scope(tenant.pk):
        app_id = create_app(person, {**broken, "settings": {"retry": {"max_attempts": 1}}}).pk
    html = page(admin, f"/runs/{run_to_its_end(app_id)}/")
    assert "Failed" in html
    assert "missing_value" in html


def test_the_part_that_changes_stands_alone_and_says_when_it_is_final(admin, make_app, person, tenant):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        run_id = run_app(person, app_id).pk
    waiting = page(admin, f"/runs/{run_id}/now/")
    assert "<html" not in waiting
    assert "data-final" not in waiting
    admin.post(f"/runs/{run_id}/cancel/")
    assert "data-final" in page(admin, f"/runs/{run_id}/now/")
    with tenant_scope(tenant.pk):
        assert get_run(person, run_id).state == Execution.State.CANCELLED


@pytest.mark.requirement("TRG-11")
def test_an_apps_page_says_why_it_did_not_run(admin, make_app, tenant):
    app_id = make_app()
    clause = {"field": "post.body_length", "operator": "lt", "expected": 80, "actual": 120}
    with tenant_scope(tenant.pk):
        record_decisions([Refusal(app_id, "by_hand", "filtered", "event-1", clause)])
        record_decisions([Refusal(app_id, "by_hand", "filtered", "event-2", clause)])
    html = page(admin, f"/apps/{app_id}/")
    assert "The app asks for post.body_length to be less than 80; it was 120." in html
    assert "2 times" in html


@pytest.mark.requirement("CHT-10")
def test_names_and_descriptions_are_text(admin, tenant, person):
    with tenant_scope(tenant.pk):
        app = create_app(person, {**digest(HOSTILE[:60]), "description": HOSTILE})
    assert_harmless(page(admin, "/apps/"))
    assert_harmless(page(admin, f"/apps/{app.pk}/"))


@pytest.mark.requirement("CHT-10")
def test_posts_and_notifications_are_text(admin, tenant, member_of, admin_user):
    author = member_of(admin_user, tenant)
    with tenant_scope(tenant.pk):
        Notification.objects.create(member=author, title=HOSTILE, body=HOSTILE, link="javascript:alert(1)")
    answer = admin.post("/community/write/", {"title": HOSTILE, "body": HOSTILE})
    assert_harmless(page(admin, answer["Location"]))
    assert_harmless(page(admin, "/community/write/"))
    html = page(admin, "/notifications/")
    assert_harmless(html)
    assert 'href="javascript:' not in html


@pytest.mark.requirement("CHT-10")
def test_what_the_person_said_is_text(admin, tenant, admin_user):
    with tenant_scope(tenant.pk):
        talk = Conversation.objects.create(owner=admin_user, title=HOSTILE[:120])
        talk.messages.create(author="person", text=HOSTILE)
        talk.messages.create(author="model", text=HOSTILE, suggestions=[HOSTILE])
    assert_harmless(page(admin, f"/chat/{talk.pk}/"))
    assert_harmless(page(admin, "/chat/"))


def test_a_post_is_written_in_ones_own_name(admin, tenant, admin_user):
    with tenant_scope(tenant.pk):
        room = Room.objects.create(name="Gear", slug="gear")
    answer = admin.post("/community/write/", {"title": "Boots?", "body": "Which ones?", "room": room.pk}, follow=True)
    html = answer.content.decode()
    for words in ("Your post is published.", "Boots?", "in Gear", "11 characters", "Nobody flagged it so far"):
        assert words in html
    with tenant_scope(tenant.pk):
        assert Post.objects.get().author.membership.user == admin_user


@pytest.mark.parametrize("form", [{"body": ""}, {"body": "x", "room": "999999"}, {"body": "x", "title": "y" * 301}])
def test_a_post_that_cannot_be_written_keeps_what_was_typed(admin, tenant, form):
    answer = admin.post("/community/write/", {"title": "", **form})
    assert 400 <= answer.status_code < 500
    assert 'role="alert"' in answer.content.decode()
    assert form["body"] in answer.content.decode()
    with tenant_scope(tenant.pk):
        assert not Post.objects.exists()


def test_a_flag_shows_with_who_raised_it(admin, tenant, make_app, person):
    address = admin.post("/community/write/", {"title": "Hm", "body": "Short."})["Location"].partition("?")[0]
    app_id = make_app("Short posts")
    with tenant_scope(tenant.pk), caused_by(Cause(person, app_id=app_id)):
        flag_posts([NewFlag(Post.objects.get().pk, "Shorter than 80 characters", "high", False)])
    html = page(admin, f"{address}now/")
    assert "Shorter than 80 characters" in html
    assert "High severity" in html
    assert f'href="/apps/{app_id}/"' in html


def test_notifications_are_ones_own_and_can_be_read(admin, tenant, member_of, admin_user, make_person):
    with tenant_scope(tenant.pk):
        Notification.objects.create(member=member_of(admin_user, tenant), title="For you", link="/apps/")
        Notification.objects.create(member=member_of(make_person(tenant, "moderator"), tenant), title="For another")
    html = page(admin, "/notifications/")
    assert "For you" in html
    assert "For another" not in html
    assert "1 unread" in html
    admin.post("/notifications/read/")
    assert "1 unread" not in page(admin, "/notifications/")


def test_only_the_demo_has_a_page_to_write_posts(admin, settings):
    settings.DEMO = False
    page(admin, "/community/write/", 404)
    assert "/community/write/" not in page(admin, "/apps/")


def test_the_offline_composer_is_plainly_labelled(admin):
    assert "Offline composer — no AI model is connected." in page(admin, "/chat/")


@pytest.mark.requirement("CHT-10")
@pytest.mark.parametrize(
    "address", ["/sign-in/", "/chat/", "/apps/", "/notifications/", "/community/write/", "/nowhere/"]
)
def test_every_page_has_the_strict_policy_and_nothing_inline(admin, client, address):
    answer = (client if address == "/sign-in/" else admin).get(address)
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    html = answer.content.decode()
    for inline in ("<style", "style=", "onclick=", "<script>", "javascript:", "http://", "https://"):
        assert inline not in html


def test_a_missing_page_leads_on(admin):
    assert "Go to the start" in page(admin, "/nowhere/", 404)


def test_the_page_of_an_unexpected_error_claims_nothing_of_what_was_kept(rf):
    html = server_error(rf.post("/sign-in/")).content.decode()
    assert "look whether it is there" in html
    assert "Nothing of what you sent was kept" not in html
