"""The chat in a real web process: what is written arrives, and nothing is lost when somebody goes away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_engine.services.apps import get_app
from chat.models import Message
from decommerce.tenancy.context import tenant_scope
from tests.anthropic_server import Answer, Hold, Text
from tests.chat.definitions import digest
from tests.chat.live import calls, last_state, messages, pending, says
from tests.waiting import until


@pytest.mark.requirement("CHT-02")
def test_an_answer_arrives_while_it_is_written(visitor, provider, tenant):
    hold = Hold()
    provider.will(says("Hello."), Answer((Text(("First. ",)), hold, Text(("Second.",)))))
    talk = visitor.begin("Hi")
    visitor.follow(talk)
    with visitor.sending(talk, "Go on") as stream:
        seen = []
        for name, data in stream:
            seen.append((name, data.get("text"), data.get("state")))
            if data.get("text") == "First. ":
                hold.until.set()
    assert seen[0] == ("message", "Go on", "complete")
    assert ("message", "First. ", "streaming") in seen
    assert seen[-2:] == [("message", "First. Second.", "complete"), ("done", None, None)]


@pytest.mark.requirement("CHT-08")
def test_a_dropped_stream_loses_nothing(visitor, provider, tenant):
    hold = Hold()
    provider.will(Answer((Text(("First. ",)), hold, Text(("Second.",)))))
    talk = visitor.begin("Hi")
    address = f"{visitor.url}/chat/{talk}/stream/"
    with visitor.session.get(address, headers={"Accept": "text/event-stream"}, stream=True, timeout=30) as dropped:
        next(dropped.iter_lines())
    hold.until.set()
    until(lambda: messages(tenant, talk)[-1].state == "complete", "the answer goes on without a reader")
    assert messages(tenant, talk)[-1].text == "First. Second."
    assert "Second." in visitor.get(f"/chat/{talk}/")
    assert last_state(visitor.follow(talk))[messages(tenant, talk)[-1].pk]["text"] == "First. Second."


@pytest.mark.requirement("CHT-08")
def test_a_reload_in_the_middle_shows_what_there_is_and_follows(visitor, provider, tenant):
    hold = Hold()
    provider.will(Answer((Text(("First. ",)), hold, Text(("Second.",)))))
    talk = visitor.begin("Hi")
    until(lambda: messages(tenant, talk)[-1].text, "the first words are stored")
    page = visitor.get(f"/chat/{talk}/")
    answer = messages(tenant, talk)[-1]
    assert "First." in page
    assert f'data-running="{answer.pk}"' in page
    hold.until.set()
    assert last_state(visitor.follow(talk, answer.pk))[answer.pk]["text"] == "First. Second."


def test_a_form_without_script_leads_to_the_conversation(visitor, provider):
    provider.will(says("Hello."), says("Again."))
    talk = visitor.begin("Hi")
    visitor.follow(talk)
    answer = visitor.post(f"/chat/{talk}/messages/", stream=False, text="Once more")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/chat/{talk}/")
    visitor.follow(talk)
    assert "Again." in visitor.get(f"/chat/{talk}/")


@pytest.mark.requirement("CHT-03")
def test_a_message_and_a_confirmation_at_once_follow_each_other(visitor, provider, tenant):
    provider.will(calls("create_app", {"definition": digest()}), *[says("All right.") for _ in range(3)])
    talk = visitor.begin("Make a digest")
    visitor.follow(talk)
    call = pending(tenant)
    with ThreadPoolExecutor(2) as both:
        said = both.submit(visitor.post, f"/chat/{talk}/messages/", text="Wait")
        confirmed = both.submit(visitor.post, f"/chat/calls/{call.pk}/confirm/", digest=call.digest)
        statuses = {said.result().status_code, confirmed.result().status_code}
    assert statuses <= {200, 409}
    visitor.follow(talk)
    assert {message.state for message in messages(tenant, talk)} == {"complete"}


def test_the_person_stops_an_answer(visitor, provider, tenant):
    hold = Hold()
    provider.will(Answer((Text(("First. ",)), hold, Text(("Second.",)))))
    talk = visitor.begin("Hi")
    until(lambda: messages(tenant, talk)[-1].text == "First. ", "the first words are stored")
    visitor.post(f"/chat/{talk}/stop/", stream=False)
    ended = list(last_state(visitor.follow(talk)).values())[-1]
    hold.until.set()
    assert (ended["state"], ended["text"]) == ("stopped", "First. ")


def test_one_answer_at_a_time(visitor, provider, tenant):
    hold = Hold()
    provider.will(Answer((Text(("First. ",)), hold)))
    talk = visitor.begin("Hi")
    until(lambda: messages(tenant, talk)[-1].text, "the first words are stored")
    answer = visitor.post(f"/chat/{talk}/messages/", text="And?")
    hold.until.set()
    assert (answer.status_code, answer.json()["code"]) == (409, "still_answering")


@pytest.mark.requirement("CHT-08")
def test_an_answer_whose_server_died_is_given_up(visitor, provider, tenant):
    provider.will(says("Hello."), says("Here again."))
    talk = visitor.begin("Hi")
    visitor.follow(talk)
    with tenant_scope(tenant.pk):
        silent = timezone.now() - timedelta(minutes=1)
        Message.objects.filter(conversation_id=talk, author="model").update(state="streaming", updated_at=silent)
    assert "This answer was cut off" in visitor.get(f"/chat/{talk}/")
    ended = last_state(visitor.send(talk, "Again, please"))
    assert list(ended.values())[-1]["text"] == "Here again."


@pytest.mark.parametrize("text", ["", "   ", "x" * 8_001])
def test_a_message_needs_words_and_an_end(visitor, provider, text):
    provider.will(says("Hello."))
    talk = visitor.begin("Hi")
    visitor.follow(talk)
    answer = visitor.post(f"/chat/{talk}/messages/", text=text)
    assert (answer.status_code, answer.json()["code"]) == (422, "message_refused")


@pytest.mark.requirement("CHT-02")
def test_a_deleted_conversation_is_gone_and_its_app_stays(visitor, provider, tenant, person):
    provider.will(calls("create_app", {"definition": digest()}), says("Done."))
    talk = visitor.begin("Make a digest")
    visitor.follow(talk)
    call = pending(tenant)
    with visitor.post(f"/chat/calls/{call.pk}/confirm/", digest=call.digest) as answer:
        assert answer.status_code == 200
    visitor.follow(talk)
    visitor.post(f"/chat/{talk}/delete/", stream=False)
    assert "Make a digest" not in visitor.get("/chat/")
    assert messages(tenant, talk) == []
    with tenant_scope(tenant.pk):
        assert get_app(person, "Weekly digest").status == "active"


def test_signed_out_a_stream_says_so(visitor, provider):
    provider.will(says("Hello."))
    talk = visitor.begin("Hi")
    visitor.session.cookies.clear()
    answer = visitor.session.get(
        f"{visitor.url}/chat/{talk}/stream/", headers={"Accept": "text/event-stream"}, timeout=30
    )
    assert answer.status_code == 401
