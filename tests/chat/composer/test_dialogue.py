"""A conversation with the offline composer, turn by turn (CHT-01, CHT-09)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from apps_engine.services.apps import get_app
from chat.composer.offline_composer import OfflineComposer
from chat.model.port import Answered, CallResult, Done, Said, TextDelta, ToolCall, Transcript
from chat.toolbox import Toolbox
from decommerce.community.services.rooms import create_room
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.principal import Principal

pytestmark = [pytest.mark.requirement("CHT-01"), pytest.mark.requirement("CHT-09")]

SHORT = "Flag posts shorter than 80 characters and tell the moderators"


@dataclass
class Talk:
    """A conversation: what was said, and how it was answered."""

    principal: Principal
    entries: list[Said | Answered] = field(default_factory=list)
    text: str = ""
    suggestions: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)

    def say(self, text: str) -> Talk:
        """Say something, and read the answer."""
        self.entries.append(Said(text))
        return self.answer()

    def answer(self, results: dict[str, CallResult] | None = None) -> Talk:
        """The composer's next answer; `results` are what came of its last calls."""
        if results is not None:
            last = self.entries.pop()
            self.entries.append(Answered(last.text, last.blocks, results))
        self.text, self.calls = "", []
        asyncio.run(self._collect())
        return self

    async def _collect(self) -> None:
        transcript = Transcript(tuple(self.entries), "Acme", "UTC", "Ada")
        async for event in OfflineComposer(self.principal).stream(transcript, Toolbox(self.principal).specs()):
            if isinstance(event, TextDelta):
                self.text += event.text
            elif isinstance(event, ToolCall):
                self.calls.append(event)
            elif isinstance(event, Done):
                self.suggestions = list(event.suggestions)
                self.entries.append(Answered(self.text, list(event.blocks)))

    def confirm(self) -> Talk:
        """Do what was proposed, as a person who confirms it."""
        results = {}
        with tenant_scope(self.principal.tenant_id):
            for call in self.calls:
                results[call.id] = CallResult(Toolbox(self.principal).run(call.name, call.arguments))
        return self.answer(results)

    @property
    def definition(self) -> dict[str, Any]:
        """What is proposed."""
        (call,) = self.calls
        return call.arguments["definition"]


@pytest.fixture
def talk(person) -> Talk:
    return Talk(person)


def test_it_asks_one_thing_and_then_proposes(talk):
    talk.say(SHORT)
    assert "How urgent" in talk.text
    assert talk.suggestions == ["Low", "Medium", "High", "High, and hide the post"]
    assert talk.calls == []
    talk.say("Medium")
    assert [call.name for call in talk.calls] == ["create_app"]
    assert talk.definition["name"] == "Flag short posts"


def test_once_confirmed_the_app_exists_and_it_says_so(talk, person, tenant):
    talk.say(SHORT).say("Low").confirm()
    with tenant_scope(tenant.pk):
        app = get_app(person, "Flag short posts")
    assert f"[Flag short posts](/apps/{app.pk}/) is active." in talk.text


def test_a_rejection_changes_nothing(talk):
    talk.say(SHORT).say("Low").answer({"offline:create_app": CallResult({"code": "rejected"}, refused=True)})
    assert "nothing was changed" in talk.text


def test_a_rejection_with_a_reason_is_taken_as_the_change_that_it_asks_for(talk):
    refused = CallResult({"code": "rejected", "reason": "make it 100"}, refused=True)
    talk.say(SHORT).say("Low").answer({"offline:create_app": refused})
    assert talk.definition["triggers"][0]["filter"] == {"post.body_length": {"lt": 100}}


def test_what_was_rejected_can_be_changed_and_proposed_again(talk):
    talk.say(SHORT).say("Low").answer({"offline:create_app": CallResult({"code": "rejected"}, refused=True)})
    talk.say("make it 40")
    assert talk.definition["triggers"][0]["filter"] == {"post.body_length": {"lt": 40}}


def test_a_change_is_in_the_description_and_a_mere_name_is_not(talk):
    talk.say(SHORT).say("Low").say("make it 100 characters")
    assert talk.definition["description"] == f"{SHORT}. Make it 100 characters"
    talk.say("call it Terse posts")
    assert talk.definition["description"] == f"{SHORT}. Make it 100 characters"


@pytest.mark.requirement("CHT-03")
@pytest.mark.parametrize("yes", ["yes", "OK!", "go ahead", "confirm it"])
def test_a_typed_yes_confirms_nothing_and_it_shows_the_button_again(talk, yes):
    talk.say(SHORT).say("Low").say(yes)
    assert "press the button" in talk.text
    assert [call.name for call in talk.calls] == ["create_app"]


@pytest.mark.parametrize("end", ["cancel", "No.", "never mind", "forget it"])
def test_a_proposal_is_dropped_by_saying_so(talk, end):
    talk.say(SHORT).say("Low").say(end)
    assert (talk.text, talk.calls) == ("Dropped; nothing was changed. Tell me when you want something else.", [])
    assert "could not make an app" in talk.say("make it 40").text


def test_an_open_question_is_dropped_by_saying_so(talk):
    assert talk.say(SHORT).say("cancel").text.startswith("Dropped")


def test_once_confirmed_a_yes_proposes_nothing_more(talk):
    assert talk.say(SHORT).say("Low").confirm().say("yes").calls == []


def test_it_is_the_app_that_was_just_made(talk):
    talk.say(SHORT).say("Low").confirm().say("pause it")
    assert [call.name for call in talk.calls] == ["pause_app"]
    assert talk.confirm().say("resume the app").calls[0].name == "resume_app"


def test_a_change_after_creation_makes_a_new_version(talk, person, tenant):
    talk.say(SHORT).say("Low").confirm().say("also tell the admins")
    assert [call.name for call in talk.calls] == ["update_app"]
    talk.confirm()
    with tenant_scope(tenant.pk):
        assert get_app(person, "Flag short posts").version_number == 2


def test_a_second_app_like_it_gets_another_name(talk, person):
    talk.say(SHORT).say("Low").confirm()
    again = Talk(person).say(SHORT).say("Low")
    assert again.definition["name"] == "Flag short posts 2"


def test_a_new_request_takes_the_place_of_an_open_question(talk):
    talk.say(SHORT).say("Award 50 XP to new members")
    assert talk.definition["name"] == "Award 50 XP to new members"


def test_an_answer_that_is_none_is_asked_for_again(talk):
    talk.say(SHORT).say("banana")
    assert talk.text.startswith("I did not understand that as an answer. How urgent")
    assert talk.say("High").calls


def test_what_it_cannot_compose_it_says_plainly_with_examples(talk):
    talk.say("Please paint my house green")
    assert "I could not make an app of that sentence. No AI model is connected" in talk.text
    assert len(talk.suggestions) == 4
    for suggestion in list(talk.suggestions):
        fresh = Talk(talk.principal).say(suggestion)
        assert fresh.calls or fresh.suggestions


def test_hello_is_no_failure(talk):
    assert "could not" not in talk.say("Hello!").text


def test_comments_cannot_be_flagged_and_it_offers_what_can_be_done(talk):
    talk.say("Flag comments that mention spam")
    assert "Only posts can be flagged" in talk.text
    (instead,) = talk.suggestions
    assert talk.say(instead).definition["triggers"][0]["event"] == "comment.created"


def test_a_room_is_found_by_its_name(talk, tenant):
    with tenant_scope(tenant.pk):
        room = create_room("Trail talk")
    talk.say("Tell the moderators about posts longer than 500 characters").say("only in Trail talk")
    assert talk.definition["triggers"][0]["filter"]["post.room_id"] == room.pk


def test_it_lists_shows_pauses_and_explains_apps(talk, make_app, tenant):
    app_id = make_app("Weekly digest")
    assert [call.name for call in talk.say("what apps do I have?").calls] == ["list_apps"]
    assert [call.name for call in talk.say("list my apps").calls] == ["list_apps"]
    assert f"[Weekly digest](/apps/{app_id}/) — active, no runs yet" in talk.confirm().text
    assert talk.say("pause the weekly digest").calls == [ToolCall("offline:pause_app", "pause_app", {"app": app_id})]
    assert "is paused" in talk.confirm().text
    assert talk.say("why did Weekly digest not run?").calls[0].name == "why_not_run"
    assert talk.say("resume weekly digest").calls[0].name == "resume_app"
    assert talk.say("run weekly digest now").calls[0].name == "run_app"
    assert talk.say("delete Weekly digest").calls[0].name == "delete_app"


def test_another_tenants_app_is_not_known(make_person, other_tenant, make_app):
    make_app("Weekly digest")
    stranger = Talk(principal_of(make_person(other_tenant, "owner"), other_tenant.pk))
    assert stranger.say("pause the weekly digest").calls == []


def test_a_moderator_cannot_create_apps(make_person, tenant):
    moderator = Talk(principal_of(make_person(tenant, "moderator"), tenant.pk))
    moderator.say("Award 50 XP to new members")
    assert moderator.calls == []
    assert "Your role in this community does not let you do that" in moderator.text


def test_names_of_apps_do_not_become_markup(talk, make_app):
    make_app("**Bold** [x](javascript:alert(1)) <b>")
    text = talk.say("list my apps").confirm().text
    assert r"\*\*Bold\*\* \[x\]\(javascript:alert\(1\)\) \<b\>" in text


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("Why did run 12 fail?", {"run": 12}),
        ("what happened in run #7", {"run": 7}),
        ("Why did the Weekly digest fail?", {"states": ["failed", "dead"], "limit": 1}),
    ],
)
def test_it_looks_up_why_a_run_failed(talk, make_app, text, arguments):
    app = make_app("Weekly digest")
    (call,) = talk.say(text).calls
    expected = arguments if "run" in arguments else {"app": app, **arguments}
    assert (call.name, dict(call.arguments)) == ("get_app_logs", expected)


def test_it_says_where_a_run_failed_and_what_to_do(talk, make_app):
    make_app("Weekly digest")
    call = talk.say("Why did the Weekly digest fail?").calls[0]
    error = {"code": "not_found", "message": "There is no post 3.", "hint": "Look at *this* step.", "path": "main/flag"}
    run = {"id": 9, "app": {"name": "Weekly digest"}, "state": "failed", "error": error}
    talk.answer({call.id: CallResult({"runs": [run], "next_cursor": None})})
    assert "[Run #9](/runs/9/) of “Weekly digest” is failed." in talk.text
    assert "**Why:** There is no post 3. It stopped at `main/flag`." in talk.text
    assert "**What to do:** Look at \\*this\\* step." in talk.text
