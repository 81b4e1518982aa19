"""The gallery of ready-made apps, and the page of one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from apps_engine.starters import Parameter
from apps_engine.store.models import App
from chat.starter_form import choices_of
from decommerce.community.models import Member, OutboundMessage
from decommerce.community.services.members import NewMember, join_many
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.community.services.rooms import create_room
from decommerce.tenancy.context import tenant_scope
from tests.pages.browsing import sign_in
from tests.pages.test_pages import CONTRASTS

pytestmark = [pytest.mark.requirement("APP-09"), pytest.mark.requirement("CHT-10")]

# Sends the form as it stands with the button that is not there.
CREATE_ALL_THE_SAME = """async () => {
  const form = document.querySelector("form[data-preview]");
  const data = new FormData(form);
  data.set("deed", "create");
  return (await fetch(form.action, { method: "POST", body: data })).status;
}"""

quiet = pytest.mark.usefixtures("watch")


@pytest.fixture
def gallery(page: Page, admin_user) -> Page:
    """The gallery, signed in."""
    sign_in(page, admin_user, "/starters/")
    return page


@pytest.fixture
def readers(tenant) -> list[Member]:
    """Two members who were active, and a post of this week."""
    with tenant_scope(tenant.pk):
        people = join_many([NewMember(name, f"{name.lower()}@{tenant.slug}.example") for name in ("Ada", "Ben")])
        create_posts([NewPost(people[0].pk, "On wet roots.", "Boots for wet trails?")])
        Member.objects.filter(pk=people[1].pk).update(last_active_at=people[1].joined_at)
        return people


@quiet
def test_an_admin_finds_one_by_their_own_words_and_creates_it(gallery, tenant):
    gallery.get_by_label("What should it do?").fill("a newsletter every week")
    gallery.keyboard.press("Enter")
    gallery.get_by_role("link", name="Weekly engagement digest").click()
    gallery.get_by_label("Day").select_option("Friday")
    gallery.get_by_label("Posts in the digest").fill("3")
    gallery.get_by_label("Name of the app").fill("Friday post")
    gallery.get_by_role("button", name="Create the app").click()
    expect(gallery.get_by_text("The app is created and active.")).to_be_visible()
    expect(gallery.get_by_role("heading", level=1)).to_have_text("Friday post")
    with tenant_scope(tenant.pk):
        assert App.objects.get().schedules.get().cron == "0 9 * * FRI"


@quiet
def test_what_it_will_do_follows_the_form(gallery):
    gallery.goto("/starters/weekly-digest/")
    told = gallery.locator("#preview")
    expect(told).to_contain_text("every Monday at 09:00")
    gallery.get_by_label("Hour").fill("18")
    expect(told).to_contain_text("every Monday at 18:00")
    gallery.get_by_text("Show the definition").click()
    gallery.get_by_label("Subject").fill("News of our trails")
    expect(told).to_contain_text("News of our trails")
    expect(told.locator("details")).to_have_attribute("open", "")
    expect(gallery.get_by_label("Subject")).to_be_focused()


@quiet
def test_a_fault_is_told_at_its_field_while_one_types(gallery):
    gallery.goto("/starters/weekly-digest/")
    field = gallery.get_by_label("Posts in the digest")
    field.fill("99")
    expect(gallery.get_by_text("99 is out of range: it must be at most 20.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(gallery.locator("#preview")).to_contain_text("Correct what is marked")
    field.fill("9")
    expect(gallery.get_by_text("out of range")).to_be_hidden()
    expect(gallery.locator("#preview")).to_contain_text("up to 9 posts")


def test_a_form_with_faults_creates_nothing_and_leads_to_each(gallery, tenant):
    gallery.goto("/starters/weekly-digest/")
    gallery.get_by_label("Subject").fill("Hello {{ tenant.name }}")
    gallery.get_by_label("Time zone").fill("Mars/Olympus")
    gallery.get_by_role("button", name="Create the app").click()
    faults = gallery.get_by_role("alert")
    expect(faults.get_by_role("link")).to_have_text(["Time zone", "Subject"])
    expect(gallery.get_by_label("Subject")).to_have_value("Hello {{ tenant.name }}")
    faults.get_by_role("link", name="Subject").click()
    expect(gallery.get_by_label("Subject")).to_be_focused()
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


def test_a_name_that_is_taken_is_told_at_the_name(gallery):
    gallery.goto("/starters/weekly-digest/")
    gallery.get_by_role("button", name="Create the app").click()
    gallery.goto("/starters/weekly-digest/")
    expect(gallery.get_by_text("A second one does its work a second time")).to_be_visible()
    field = gallery.get_by_label("Name of the app")
    expect(field).to_have_value("Weekly engagement digest 2")
    field.fill("Weekly engagement digest")
    gallery.get_by_role("button", name="Create the app").click()
    expect(gallery.locator("#name-fault")).to_contain_text("such as “Weekly engagement digest 2”")
    expect(gallery.get_by_label("Name of the app")).to_have_attribute("aria-invalid", "true")


@quiet
def test_it_can_be_tried_on_what_is_there_and_nothing_is_sent(gallery, readers, tenant):
    gallery.goto("/starters/weekly-digest/")
    gallery.get_by_role("button", name="What would it do now?").click()
    tried = gallery.get_by_role("region", name="What it would do now")
    expect(tried).to_contain_text("nothing was sent")
    expect(tried).to_contain_text("Ada: “The best of the week”")
    expect(tried).to_contain_text("Ben: “The best of the week”")
    tried.get_by_text("Read the first").click()
    expect(tried).to_contain_text("1. Boots for wet trails? (Ada)")
    with tenant_scope(tenant.pk):
        assert not OutboundMessage.objects.exists()
        assert not App.objects.exists()
    # What was tried is gone as soon as the form says something else, to the script of the page.
    gallery.wait_for_load_state("load")
    gallery.get_by_label("Posts in the digest").fill("1")
    expect(tried).to_have_count(0)


@quiet
def test_where_nobody_fits_the_trial_says_so(gallery):
    gallery.goto("/starters/weekly-digest/")
    gallery.get_by_role("button", name="What would it do now?").click()
    expect(gallery.get_by_text("Nothing, as things stand")).to_be_visible()


@quiet
def test_an_app_that_waits_is_tried_with_an_example(gallery):
    gallery.goto("/starters/low-quality-post-detector/")
    gallery.get_by_role("button", name="What would it do now?").click()
    tried = gallery.get_by_role("region", name="What it would do now")
    expect(tried).to_contain_text("it played an example")
    expect(tried).to_contain_text("Only 38 characters")
    expect(tried).not_to_contain_text("not found")


@quiet
def test_a_search_without_a_result_says_what_to_do(gallery):
    gallery.goto("/starters/?search=zebra")
    expect(gallery.get_by_role("heading", name="No ready-made app does that")).to_be_visible()
    gallery.get_by_role("main").get_by_role("link", name="Show all").click()
    expect(gallery.get_by_role("link", name="Weekly engagement digest")).to_be_visible()


@quiet
def test_a_category_shows_its_own(gallery):
    gallery.get_by_role("navigation", name="Categories").get_by_role("link", name="Moderation and management").click()
    expect(gallery.get_by_role("heading", level=2)).to_have_text(["Moderation and management"])
    expect(gallery.get_by_role("link", name="Weekly engagement digest")).to_have_count(0)


@quiet
def test_the_keyboard_is_enough(gallery, tenant):
    gallery.get_by_label("What should it do?").focus()
    gallery.keyboard.type("digest newsletter")
    gallery.keyboard.press("Enter")
    gallery.wait_for_url(re.compile("search="))
    gallery.get_by_role("link", name="Weekly engagement digest").focus()
    gallery.keyboard.press("Enter")
    gallery.wait_for_url("**/starters/weekly-digest/")
    gallery.get_by_label("Day").focus()
    for _ in range(7):
        gallery.keyboard.press("Tab")
    assert gallery.evaluate("document.activeElement.textContent.trim()") == "Create the app"
    gallery.keyboard.press("Enter")
    expect(gallery.get_by_text("The app is created and active.")).to_be_visible()


def test_a_moderator_may_look_and_try_and_not_create(page: Page, make_person, tenant):
    sign_in(page, make_person(tenant, "moderator"), "/starters/weekly-digest/")
    expect(page.get_by_text("Only owners and admins")).to_be_visible()
    expect(page.get_by_role("button", name="Create the app")).to_have_count(0)
    assert page.evaluate(CREATE_ALL_THE_SAME) == 403
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


def test_without_scripts_the_form_still_shows_and_creates(browser, web, admin_user, tenant):
    context = browser.new_context(base_url=web.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(admin_user.email)
    page.get_by_label("Password").fill(admin_user.raw_password)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/starters/weekly-digest/")
    page.get_by_label("Hour").fill("7")
    page.get_by_role("button", name="Show what it will do").click()
    expect(page.locator("#preview")).to_contain_text("every Monday at 07:00")
    page.get_by_role("button", name="Create the app").click()
    expect(page.get_by_text("The app is created and active.")).to_be_visible()
    context.close()


@pytest.mark.requirement("SEC-01")
def test_rooms_to_choose_from_are_the_communitys_own(tenant, other_tenant, principal):
    with tenant_scope(other_tenant.pk):
        create_room("Their secret room")
    with tenant_scope(tenant.pk):
        ours = create_room("Gear")
        room = Parameter(type=("integer", "null"), title="Room", description="Where.", default=None, format="room")
        assert [choice.label for choice in choices_of(room, ours.pk)] == ["—", "Gear"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_fault_and_a_trial_can_be_read(page: Page, admin_user, readers, scheme):
    page.emulate_media(color_scheme=scheme)
    sign_in(page, admin_user, "/starters/weekly-digest/")
    page.get_by_role("button", name="What would it do now?").click()
    expect(page.get_by_role("region", name="What it would do now")).to_be_visible()
    page.wait_for_load_state("load")
    assert page.evaluate(CONTRASTS) == []
    page.get_by_label("Subject").fill("{{ x }}")
    page.get_by_role("button", name="Create the app").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_load_state("load")
    assert page.evaluate(CONTRASTS) == []
