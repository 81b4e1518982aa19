"""The editor of a definition, its versions, and the way back (APP-06)."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest

from apps_engine.services.apps import current_version, get_app, update_app
from decommerce.tenancy.context import tenant_scope
from tests.chat.definitions import digest


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def text_with(**more: Any) -> str:
    return json.dumps({**digest(), **more}, indent=1)


@pytest.fixture
def version_of(person, tenant):
    """The definition of an app's newest version, with its number."""

    def find(app_id: int) -> tuple[int, dict[str, Any]]:
        with tenant_scope(tenant.pk):
            app = get_app(person, app_id)
            return app.version_number, current_version(app).definition

    return find


@pytest.mark.requirement("APP-06")
def test_a_definition_is_shown_changed_and_saved_as_the_next_version(admin, make_app, version_of):
    app_id = make_app()
    html = words(admin.get(f"/apps/{app_id}/edit/"))
    assert '"act": "send_notification"' in html
    assert "Save as version 2" in html
    form = {"text": text_with(description="Better."), "version": "1", "deed": "save"}
    assert admin.post(f"/apps/{app_id}/edit/", form)["Location"].endswith("?done=saved")
    number, definition = version_of(app_id)
    assert (number, definition["description"]) == (2, "Better.")


@pytest.mark.requirement("APP-06")
def test_whoever_was_slower_is_told_and_keeps_the_text(admin, make_app, person, tenant, version_of):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        update_app(person, app_id, {**digest(), "description": "Theirs."})
    answer = admin.post(
        f"/apps/{app_id}/edit/", {"text": text_with(description="Mine."), "version": "1", "deed": "save"}
    )
    assert answer.status_code == 409
    for part in ("is at version 2 by now, not 1", "Your text is still below.", '"description": "Mine."'):
        assert part in words(answer)
    assert version_of(app_id)[1]["description"] == "Theirs."


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{\n "name": "x",\n "profile": "automat"\n}', 3, "automation"),
        ('{\n "name": "x"\n "profile": 1}', 3, "JSON"),
        ("", 1, "JSON"),
    ],
)
def test_problems_are_told_with_their_lines_and_nothing_is_saved(admin, make_app, version_of, text, line, said):
    app_id = make_app()
    answer = admin.post(f"/apps/{app_id}/edit/", {"text": text, "version": "1", "deed": "save"})
    assert answer.status_code == 422
    live = admin.post("/apps/draft/check/", {"text": text, "app": str(app_id)}).json()
    assert line in live["lines"]
    assert not live["valid"]
    assert said in unescape(live["html"])
    assert version_of(app_id)[0] == 1


def test_what_would_change_is_told_in_words_and_place_by_place(admin, make_app):
    app_id = make_app()
    changed = digest()
    changed["flows"]["main"]["steps"][1]["params"]["title"] = "How many we are"
    live = admin.post("/apps/draft/check/", {"text": json.dumps(changed), "app": str(app_id)}).json()
    html = unescape(live["html"])
    assert live["valid"]
    assert "No longer: </span>Sends notifications to moderators: “Members”" in html
    assert "New: </span>Sends notifications to moderators: “How many we are”" in html
    assert "<strong>Main › tell › title</strong>" in html


def test_a_new_app_is_written_from_nothing(admin, tenant, person):
    assert "Write an app" in words(admin.get("/apps/new/"))
    answer = admin.post("/apps/new/", {"text": text_with(name="Mine"), "deed": "save"})
    with tenant_scope(tenant.pk):
        assert get_app(person, "Mine").version_number == 1
    assert answer["Location"].endswith("?done=created")
    assert admin.post("/apps/new/", {"text": text_with(name="Mine"), "deed": "save"}).status_code == 409


def test_the_caret_gets_what_may_be_written_there(admin):
    answer = admin.post("/apps/draft/complete/", {"before": '{"é": 1, "profile": "sup', "after": '"}'}).json()
    assert [option["text"] for option in answer["options"]] == ['"superpower"']
    assert (answer["back"], answer["forward"]) == (4, 1)


@pytest.mark.requirement("APP-06")
def test_a_version_shows_what_it_changed_and_the_way_back(admin, make_app, person, tenant, version_of):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        update_app(person, app_id, {**digest(), "description": "Second."})
    html = words(admin.get(f"/apps/{app_id}/versions/2/"))
    assert "What it changed of version 1" in html
    assert "Second." in html
    assert "Going back to it" not in html
    assert "Go back to version 1" in words(admin.get(f"/apps/{app_id}/versions/1/"))
    assert admin.post(f"/apps/{app_id}/versions/1/back/", {"version": "1"}).status_code == 409
    answer = admin.post(f"/apps/{app_id}/versions/1/back/", {"version": "2"}, follow=True)
    assert "The earlier definition is the newest version again." in words(answer)
    number, definition = version_of(app_id)
    assert (number, definition["description"]) == (3, digest()["description"])
    assert admin.get(f"/apps/{app_id}/versions/9/").status_code == 404


@pytest.mark.requirement("SEC-01")
def test_nobody_else_edits_reads_or_rolls_back(signed_in, make_person, make_app, tenant, other_tenant, version_of):
    app_id = make_app("Secret digest")
    pages = [f"/apps/{app_id}/edit/", f"/apps/{app_id}/versions/1/"]
    moderator = signed_in(make_person(tenant, "moderator"))
    assert [moderator.get(page).status_code for page in pages] == [403, 200]
    assert moderator.post(f"/apps/{app_id}/versions/1/back/").status_code == 403
    assert moderator.post("/apps/draft/check/", {"text": "{}"}).status_code == 403
    rival = signed_in(make_person(other_tenant, "owner"))
    assert [rival.get(page).status_code for page in pages] == [404, 404]
    assert rival.post(f"/apps/{app_id}/versions/1/back/").status_code == 404
    assert rival.post("/apps/draft/check/", {"text": text_with(), "app": str(app_id)}).status_code == 404
    assert version_of(app_id)[0] == 1
