"""The real SDK against a provider that speaks the real wire format."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from chat.model import anthropic_model
from chat.model.anthropic_messages import messages_of
from chat.model.anthropic_model import AnthropicModel
from chat.model.asking import ASK, MOST_QUESTIONS, SKIP
from chat.model.port import (
    Answered,
    CallResult,
    Done,
    Event,
    Failed,
    Said,
    Stop,
    TextDelta,
    ToolCall,
    ToolSpec,
    Transcript,
)
from tests.anthropic_server import (
    Answer,
    AnthropicServer,
    Fault,
    HangUp,
    Refusal,
    Text,
    Thinking,
    Use,
    anthropic_server,
)

KEY = "sk-ant-secret-of-the-test"
TOOL = ToolSpec(
    "list_apps",
    "List apps",
    {"type": "object", "properties": {"search": {"type": "string"}}, "additionalProperties": False},
    changes=False,
)
OPEN = ToolSpec(
    "create_app", "Create", {"type": "object", "properties": {"definition": {"type": "object"}}}, changes=True
)


@pytest.fixture(scope="module")
def provider() -> Iterator[AnthropicServer]:
    with anthropic_server() as server:
        yield server


@pytest.fixture(autouse=True)
def fresh(provider) -> None:
    provider.script.clear()
    provider.requests.clear()
    provider.headers.clear()


@pytest.fixture
def ask(provider):
    """What the model streams in answer to a transcript."""
    model = AnthropicModel(api_key=KEY, base_url=provider.url, model="claude-sonnet-5-5", pauses_seconds=(0.01, 0.01))

    def asking(*entries: Said | Answered) -> list[Event]:
        async def collect() -> list[Event]:
            transcript = Transcript(entries or (Said("Hello"),), "Acme", "Europe/Zurich", "Ada")
            return [event async for event in model.stream(transcript, [TOOL, OPEN])]

        return asyncio.run(collect())

    return asking


def test_text_arrives_in_the_order_in_which_it_was_streamed(ask, provider):
    provider.will(Answer((Text(("Hel", "lo ", "Ada.")),)))
    *texts, done = ask()
    assert [event.text for event in texts] == ["Hel", "lo ", "Ada."]
    assert done == Done(
        Stop.END,
        [{"type": "text", "text": "Hello Ada."}],
        {"input_tokens": 12, "output_tokens": 25, "cache_read_tokens": 900, "cache_write_tokens": 30},
    )


def test_a_call_arrives_whole_with_its_thinking_kept_for_replay(ask, provider):
    provider.will(Answer((Thinking("Hm."), Text(("I look.",)), Use("list_apps", {"search": "digest"})), "tool_use"))
    text, call, done = ask()
    assert text == TextDelta("I look.")
    assert call == ToolCall("toolu_1", "list_apps", {"search": "digest"})
    assert done.stop is Stop.TOOLS
    assert [block["type"] for block in done.blocks] == ["thinking", "text", "tool_use"]
    assert done.blocks[0]["signature"] == "sig=="


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("pause_turn", Stop.CONTINUE),
        ("refusal", Stop.REFUSED),
        ("max_tokens", Stop.CUT),
        ("model_context_window_exceeded", Stop.WINDOW_FULL),
        ("stop_sequence", Stop.END),
    ],
)
def test_every_reason_to_stop_has_its_answer(ask, provider, reason, stop):
    provider.will(Answer((Text(("So far",)),), reason))
    assert ask()[-1].stop is stop


def test_a_call_that_was_cut_is_no_call(ask, provider):
    provider.will(
        Answer((Text(("I make it.",)), Use("create_app", {"definition": {"name": "x"}}, cut=True)), "max_tokens")
    )
    events = ask()
    assert not any(isinstance(event, ToolCall) for event in events)
    assert [block["type"] for block in events[-1].blocks] == ["text"]


def test_a_question_is_shown_with_its_replies_and_answered_by_the_persons_next_words(ask, provider):
    use = Use(ASK, {"question": "Which room?", "options": ["General", "Gear", 7, "x" * 500]}, "toolu_q")
    provider.will(Answer((Text(("Gladly.",)), use), "tool_use"), Answer((Text(("Good.",)),)))
    *texts, done = ask()
    assert "".join(event.text for event in texts) == "Gladly.\n\nWhich room?"
    assert (done.stop, list(done.suggestions)) == (Stop.END, ["General", "Gear", "x" * 80, SKIP])
    ask(Said("A digest"), Answered("Which room?", done.blocks), Said("Gear"))
    result, said = provider.requests[-1]["messages"][-1]["content"]
    assert (result["tool_use_id"], result["is_error"], said["text"]) == ("toolu_q", False, "Gear")


def test_it_asks_five_questions_at_most(ask, provider):
    provider.will(*[Answer((Text(("Ok.",)),))] * 2)
    block = {"type": "tool_use", "id": "toolu_q", "name": ASK, "input": {"question": "?", "options": []}}
    asked = [entry for _ in range(MOST_QUESTIONS) for entry in (Said("Hm"), Answered("?", [block]))]
    for entries in (asked[:-1], asked):
        ask(*entries, Said("Hm"))
    offered = [ASK in {tool["name"] for tool in request["tools"]} for request in provider.requests]
    assert offered == [True, False]


def test_an_overloaded_provider_is_asked_again_before_its_first_word(ask, provider):
    provider.will(Answer((Fault("overloaded_error"),)), Answer((Text(("Here.",)),)))
    assert [type(event) for event in ask()] == [TextDelta, Done]
    assert len(provider.requests) == 2


def test_after_its_first_word_it_is_not_asked_again(ask, provider):
    provider.will(Answer((Text(("Half an",)), Fault("overloaded_error"))), Answer((Text(("Here.",)),)))
    text, failed = ask()
    assert text == TextDelta("Half an")
    assert (failed.code, failed.retryable) == ("model_busy", True)
    assert len(provider.requests) == 1


def test_patience_ends(ask, provider):
    provider.will(*[Answer((Fault("overloaded_error"),)) for _ in range(5)])
    (failed,) = ask()
    assert failed.code == "model_busy"
    assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Refusal(401, "authentication_error"), "model_key_refused"),
        (Refusal(403, "permission_error"), "model_key_refused"),
        (Refusal(400, "invalid_request_error"), "model_request_refused"),
        (Refusal(404, "not_found_error"), "model_unknown"),
        (Refusal(413, "request_too_large"), "model_request_refused"),
    ],
)
def test_a_refusal_says_what_to_do(ask, provider, refusal, code):
    provider.will(refusal, refusal)
    (failed,) = ask()
    assert isinstance(failed, Failed)
    assert failed.code == code
    assert failed.hint


def test_a_broken_connection_is_said_plainly(ask, provider):
    provider.will(Answer((Text(("Half",)), HangUp())))
    *_, failed = ask()
    assert failed.code == "model_unreachable"


def test_an_address_where_nobody_answers_is_said_plainly():
    model = AnthropicModel(api_key=KEY, base_url="http://127.0.0.1:9", model="m", pauses_seconds=())

    async def collect() -> list[Event]:
        return [event async for event in model.stream(Transcript((Said("Hi"),), "A", "UTC", "B"), [])]

    assert [event.code for event in asyncio.run(collect())] == ["model_unreachable"]


def test_what_is_asked_is_cached_strict_and_without_sampling_knobs(ask, provider):
    provider.will(Answer((Text(("Ok",)),)))
    ask(Said("Make an app"))
    (request,) = provider.requests
    assert (request["stream"], request["model"], request["thinking"]) == (
        True,
        "claude-sonnet-5-5",
        {"type": "adaptive"},
    )
    assert not {"temperature", "top_p", "top_k"} & set(request)
    assert request["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert "Acme" in request["system"][1]["text"]
    assert request["tools"][-1]["cache_control"] == {"type": "ephemeral"}
    assert request["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}


def test_a_provider_that_takes_no_strict_tools_gets_the_same_without(ask, provider, monkeypatch):
    monkeypatch.setattr(anthropic_model, "_UNHELD", set())
    provider.will(Refusal(400, "invalid_request_error"), Answer((Text(("Here.",)),)), Answer((Text(("Again.",)),)))
    assert ask()[0] == TextDelta("Here.")
    assert ask()[0] == TextDelta("Again.")
    held = [any(tool.get("strict") for tool in request["tools"]) for request in provider.requests]
    assert held == [True, False, False]


def test_a_request_that_is_refused_either_way_leaves_the_next_one_strict(ask, provider, monkeypatch):
    monkeypatch.setattr(anthropic_model, "_UNHELD", set())
    provider.will(*[Refusal(400, "invalid_request_error")] * 2, Answer((Text(("Here.",)),)))
    assert ask()[0].code == "model_request_refused"
    ask()
    assert provider.requests[-1]["tools"][0]["strict"] is True


def test_the_key_is_nowhere_but_in_its_header(ask, provider, caplog):
    caplog.set_level(logging.DEBUG)
    provider.will(Refusal(401, "authentication_error"))
    events = ask()
    assert any(KEY in value for value in provider.headers[0].values())
    assert KEY not in json.dumps(provider.requests) + repr(events) + caplog.text


def test_results_stand_in_the_persons_turn_after_the_calls():
    use = {"type": "tool_use", "id": "toolu_1", "name": "list_apps", "input": {}}
    entries = (
        Said("List them"),
        Answered("", [use], {"toolu_1": CallResult({"apps": []})}),
        Answered("There are none.", [{"type": "text", "text": "There are none."}]),
        Said("Thanks"),
    )
    messages = messages_of(Transcript(entries, "A", "UTC", "B"))
    assert [message["role"] for message in messages] == ["user", "assistant", "user", "assistant", "user"]
    (result,) = messages[2]["content"]
    del result["cache_control"]
    assert result == {"type": "tool_result", "tool_use_id": "toolu_1", "content": '{"apps":[]}', "is_error": False}


def test_a_call_without_a_result_is_answered_all_the_same():
    use = {"type": "tool_use", "id": "toolu_1", "name": "create_app", "input": {}}
    messages = messages_of(Transcript((Said("Do"), Answered("", [use]), Said("Else")), "A", "UTC", "B"))
    result, text = messages[2]["content"]
    assert (result["is_error"], text["text"]) == (True, "Else")


def test_what_the_offline_composer_kept_is_not_shown_to_another_model():
    answered = Answered("What should it say?", [{"type": "composer", "draft": None}])
    messages = messages_of(Transcript((Said("Mail all"), answered, Said("Hi")), "A", "UTC", "B"))
    assert messages[1] == {"role": "assistant", "content": [{"type": "text", "text": "What should it say?"}]}
