"""The real SDK against a provider that speaks the real wire format, asked as a step asks."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from decommerce.intelligence.anthropic_model import AnthropicModel
from decommerce.intelligence.errors import (
    ModelAnswerCut,
    ModelAnswerInvalid,
    ModelError,
    ModelRefused,
    ModelTimedOut,
    ModelWindowFull,
)
from decommerce.intelligence.port import Image, Material, ModelRequest, Task, Usage
from decommerce.intelligence.schema import answer_schema
from tests.anthropic_server import (
    Answer,
    AnthropicServer,
    Fault,
    HangUp,
    Hold,
    Pings,
    Refusal,
    Stop,
    Text,
    Thinking,
    anthropic_server,
)

pytestmark = pytest.mark.requirement("ACT-04")

KEY = "sk-ant-secret-of-the-test"
SCHEMA = answer_schema({"type": "object", "properties": {"total": {"type": "number", "minimum": 0}}})
WRITE = ModelRequest(task=Task.GENERATE, instructions="Write a line.")
EXTRACT = ModelRequest(task=Task.EXTRACT, material=(Material("input", "Total: 47.52"),), schema=SCHEMA)


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
def model(provider) -> AnthropicModel:
    return AnthropicModel(api_key=KEY, base_url=provider.url, model="claude-sonnet-5-5", pauses_seconds=(0.01, 0.01))


def says(text: str, stop: str = "end_turn") -> Answer:
    """An answer of one text."""
    return Answer((Text((text,)),), stop)


def test_a_text_is_what_was_streamed_and_its_tokens_are_counted(model, provider):
    provider.will(Answer((Thinking("Hm."), Text(("Hel", "lo.")))))
    answer = model.answer(WRITE)
    assert (answer.text, answer.value, answer.offline, answer.repaired) == ("Hello.", None, False, False)
    assert answer.model == "claude-sonnet-5-5"
    assert answer.usage == Usage(tokens_in=942, tokens_out=25, cached=900)


def test_an_object_is_read_with_its_decimals_digit_for_digit(model, provider):
    provider.will(says('{"total": 47.10}'))
    assert str(model.answer(EXTRACT).value["total"]) == "47.10"


def test_what_is_asked_is_held_to_the_schema_cached_and_without_sampling_knobs(model, provider):
    provider.will(says('{"total": 1}'))
    model.answer(EXTRACT)
    (asked,) = provider.requests
    assert asked["stream"] is True
    assert not {"temperature", "top_p", "top_k", "tools"} & set(asked)
    assert asked["output_config"]["effort"] == "low"
    form = asked["output_config"]["format"]
    assert form["type"] == "json_schema"
    assert form["schema"]["additionalProperties"] is False
    assert form["schema"]["required"] == ["total"]
    assert asked["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert asked["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}


def test_what_changes_with_each_item_stands_after_what_the_provider_keeps(model, provider):
    provider.will(says('{"total": 1}'), says('{"total": 1}'))
    model.answer(EXTRACT)
    model.answer(ModelRequest(task=Task.EXTRACT, material=(Material("input", "else"),), schema=SCHEMA))
    first, second = (asked["messages"][0]["content"] for asked in provider.requests)
    assert first[0] == second[0]
    assert "cache_control" not in first[1]


def test_a_schema_with_an_open_part_is_asked_for_in_words_and_checked_here(model, provider):
    schema = answer_schema({"type": "object", "properties": {"urgent": {"type": "array"}}})
    provider.will(says('```json\n{"urgent": [{"any": "thing"}]}\n```'))
    answer = model.answer(ModelRequest(task=Task.EXTRACT, schema=schema))
    assert answer.value == {"urgent": [{"any": "thing"}]}
    (asked,) = provider.requests
    assert "format" not in asked["output_config"]
    assert '"urgent"' in asked["messages"][0]["content"][0]["text"]


def test_a_schema_that_the_provider_cannot_hold_to_is_asked_for_in_words(model, provider):
    provider.will(Refusal(400, "invalid_request_error"), says('{"total": 3}'))
    assert model.answer(EXTRACT).value == {"total": 3}
    assert ["format" in asked["output_config"] for asked in provider.requests] == [True, False]


@pytest.mark.parametrize("first", ["Certainly! The total is 47.", '{"total": "much"}', '{"total": -1}', "[1]", "{}"])
def test_an_answer_that_does_not_fit_is_repaired_once(model, provider, first):
    provider.will(says(first), says('{"total": 47.52}'))
    answer = model.answer(EXTRACT)
    assert answer.value == {"total": Decimal("47.52")}
    assert answer.repaired is True
    assert answer.usage.tokens_out == 50
    question, shown, why = provider.requests[1]["messages"]
    assert question["role"] == "user"
    assert shown == {"role": "assistant", "content": [{"type": "text", "text": first}]}
    assert "does not fit" in why["content"][0]["text"]


def test_after_the_second_answer_that_does_not_fit_the_step_fails(model, provider):
    provider.will(says("no"), says("still no"), says('{"total": 1}'))
    with pytest.raises(ModelAnswerInvalid) as failed:
        model.answer(EXTRACT)
    assert (failed.value.code, failed.value.retryable) == ("model_answer_invalid", False)
    assert failed.value.spent == {"ai_tokens_in": 2 * 942, "ai_tokens_out": 50}
    assert len(provider.requests) == 2


@pytest.mark.parametrize(
    "hostile",
    ['{"total": NaN}', '{"total": 1, "role": "admin"}', '{"total": ' + "9" * 60 + "}", '{"a":' * 3_000, "x" * 300_000],
)
def test_hostile_output_never_becomes_a_result(model, provider, hostile):
    provider.will(says(hostile), says(hostile))
    with pytest.raises(ModelAnswerInvalid):
        model.answer(EXTRACT)


def test_what_cannot_be_stored_is_taken_out(model, provider):
    schema = answer_schema({"type": "object", "properties": {"name": {"type": "string"}}})
    provider.will(says('{"name": "a\\u0000b\\ud800"}'), says("x\x00y"))
    assert model.answer(ModelRequest(task=Task.EXTRACT, schema=schema)).value == {"name": "ab"}
    assert model.answer(WRITE).text == "xy"


def test_a_cut_answer_is_asked_for_again_with_more_room(model, provider):
    provider.will(says('{"total": 4', "max_tokens"), says('{"total": 47}'))
    assert model.answer(EXTRACT).value == {"total": 47}
    first, second = (asked["max_tokens"] for asked in provider.requests)
    assert second == 4 * first
    assert len(provider.requests[1]["messages"]) == 1


def test_an_answer_that_is_cut_twice_is_an_error(model, provider):
    provider.will(says("Once upon", "max_tokens"), says("Once upon a time", "max_tokens"))
    with pytest.raises(ModelAnswerCut) as failed:
        model.answer(WRITE)
    assert (failed.value.code, failed.value.retryable) == ("model_answer_cut", False)


@pytest.mark.parametrize(
    ("stop", "error", "code"),
    [
        ("refusal", ModelRefused, "model_refused"),
        ("model_context_window_exceeded", ModelWindowFull, "model_window_full"),
    ],
)
def test_a_refusal_and_a_full_window_are_errors_that_are_not_tried_again(model, provider, stop, error, code):
    provider.will(says("I", stop))
    with pytest.raises(error) as failed:
        model.answer(WRITE)
    assert (failed.value.code, failed.value.retryable, failed.value.sent) == (code, False, True)
    assert len(provider.requests) == 1


def test_a_paused_turn_goes_on_where_it_was(model, provider):
    provider.will(says("One, ", "pause_turn"), says("two."))
    assert model.answer(WRITE).text == "One, two."
    before = provider.requests[1]["messages"][1]
    assert (before["role"], before["content"][0]["text"]) == ("assistant", "One, ")


@pytest.mark.parametrize("cut", [HangUp(), Stop(), Fault("overloaded_error"), Fault("api_error")])
def test_a_stream_that_breaks_is_asked_for_again_from_the_beginning(model, provider, cut):
    provider.will(Answer((Text(("Half an",)), cut)), says("Whole."))
    assert model.answer(WRITE).text == "Whole."


def test_patience_ends(model, provider):
    provider.will(*[Answer((Fault("overloaded_error"),)) for _ in range(5)])
    with pytest.raises(ModelError) as failed:
        model.answer(WRITE)
    assert (failed.value.code, failed.value.retryable) == ("model_busy", True)
    assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("refusal", "code", "retryable"),
    [
        (Refusal(429, "rate_limit_error", "17"), "model_busy", True),
        (Refusal(401, "authentication_error"), "model_key_refused", False),
        (Refusal(402, "billing_error"), "model_unpaid", False),
        (Refusal(403, "permission_error"), "model_key_refused", False),
        (Refusal(404, "not_found_error"), "model_unknown", False),
        (Refusal(413, "request_too_large"), "model_request_refused", False),
        (Refusal(429, "rate_limit_error"), "model_busy", True),
        (Refusal(504, "timeout_error"), "model_timed_out", True),
    ],
)
def test_an_error_of_the_provider_says_what_it_means(model, provider, refusal, code, retryable):
    provider.will(refusal)
    with pytest.raises(ModelError) as failed:
        model.answer(WRITE)
    assert (failed.value.code, failed.value.retryable, failed.value.sent) == (code, retryable, True)
    assert failed.value.retry_after == (int(refusal.retry_after) if refusal.retry_after else None)
    assert failed.value.hint
    assert len(provider.requests) == 1


def test_where_nobody_answers_nothing_was_sent():
    model = AnthropicModel(api_key=KEY, base_url="http://127.0.0.1:9", model="m", pauses_seconds=())
    with pytest.raises(ModelError) as failed:
        model.answer(WRITE)
    assert (failed.value.code, failed.value.retryable, failed.value.sent) == ("model_unreachable", True, False)


@pytest.mark.parametrize("wait", [Hold, Pings])
def test_an_answer_that_does_not_end_is_given_up_at_its_deadline(provider, wait):
    model = AnthropicModel(api_key=KEY, base_url=provider.url, model="m", seconds=0.5, pauses_seconds=())
    over = threading.Event()
    provider.will(Answer((Text(("Wait",)), wait(over), Text(("...",)))))
    began = time.monotonic()
    try:
        with pytest.raises(ModelError) as failed:
            model.answer(WRITE)
    finally:
        over.set()
    assert (failed.value.code, failed.value.retryable) == ("model_timed_out", True)
    assert time.monotonic() - began < 5


def test_a_deadline_is_for_all_attempts_together(provider):
    model = AnthropicModel(api_key=KEY, base_url=provider.url, model="m", seconds=0.2, pauses_seconds=(30,))
    provider.will(Answer((Fault("overloaded_error"),)))
    with pytest.raises(ModelError) as failed:
        model.answer(WRITE)
    assert failed.value.code in {"model_busy", ModelTimedOut.code}


@pytest.mark.requirement("ACT-10")
def test_a_picture_goes_before_the_words(model, provider):
    provider.will(says('{"total": 1}'))
    model.answer(ModelRequest(task=Task.SEE, schema=SCHEMA, image=Image("image/png", b"\x89PNG")))
    picture, words = provider.requests[0]["messages"][0]["content"]
    assert picture["source"] == {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}
    assert words["type"] == "text"


def test_the_key_is_nowhere_but_in_its_header_and_the_log_has_no_content(model, provider, caplog):
    caplog.set_level(logging.DEBUG)
    provider.will(Refusal(401, "authentication_error"), says('{"total": 4711}'))
    with pytest.raises(ModelError) as failed:
        model.answer(WRITE)
    model.answer(EXTRACT)
    assert any(KEY in value for value in provider.headers[0].values())
    assert KEY not in json.dumps(provider.requests) + repr(vars(failed.value)) + str(failed.value) + caplog.text
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("decommerce"))
    assert "942 in, 25 out" in ours
    assert "47" not in ours
