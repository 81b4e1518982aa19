"""The steps that ask a model, as they answer without one: typed, labelled, and alike for the same request."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from actions.ai_analyze import AiAnalyze, AiAnalyzeParams
from actions.ai_generate import AiGenerate, AiGenerateParams
from actions.llm_extract import LlmExtract, LlmExtractParams
from actions.vision_analysis import VisionAnalysis, VisionAnalysisParams
from apps_engine.contracts import Call, Repeatable, Request
from apps_engine.language.jsontext import dumps, loads

STEPS = (AiAnalyze(), AiGenerate(), LlmExtract(), VisionAnalysis())
SORTED = {"type": "object", "properties": {"urgent": {"type": "array"}, "can_wait": {"type": "array"}}}
MAILS = [
    {"subject": "URGENT: the shop is down", "from": "boss@example.com", "snippet": "Please call me immediately."},
    {"subject": "Your weekly newsletter", "from": "news@example.com", "snippet": "10% off. Unsubscribe here."},
    {"subject": "Contract", "from": "legal@example.com", "snippet": "Can you please approve it by tomorrow?"},
    {"subject": "Lunch", "from": "amy@example.com", "snippet": "Shall we have lunch some time next month?"},
]


@pytest.fixture
def run(context):
    """The result of a step with these parameters; the request is stored in between, as the engine does."""

    def perform(step, params):
        request = step.prepare(Call(params, "run:8:main/ai"), context)
        stored = loads(dumps({"kind": request.kind, "body": dict(request.body)}))
        return step.send(Request(**stored), context)

    return perform


@pytest.mark.requirement("ACT-04")
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_is_counted_as_an_ai_call_and_may_be_repeated_and_used_again(step):
    assert (step.spends, step.repeatable, step.cached, step.local) == ("ai", Repeatable.SAFELY, True, False)


@pytest.mark.requirement("ACT-04")
def test_an_analysis_has_every_field_that_is_declared_and_says_that_no_model_answered(run):
    response = run(
        AiAnalyze(), AiAnalyzeParams(input={"title": "Thanks", "body": "I love this!"}, analysis="sentiment")
    )
    assert set(response.result) == {field.name for field in AiAnalyze.result}
    assert (response.result["label"], response.result["offline"]) == ("positive", True)
    assert response.result["model"] == "offline heuristics"
    assert response.usage == {"ai_tokens_in": 0, "ai_tokens_out": 0}


@pytest.mark.requirement("ACT-06")
def test_the_morning_scanner_sorts_mails_into_urgent_and_can_wait(run):
    result = run(LlmExtract(), LlmExtractParams(input=MAILS, output_schema=SORTED)).result
    assert [mail["subject"] for mail in result["urgent"]] == ["URGENT: the shop is down", "Contract"]
    assert [mail["subject"] for mail in result["can_wait"]] == ["Your weekly newsletter", "Lunch"]


@pytest.mark.requirement("ACT-06")
def test_an_extraction_is_the_object_of_the_schema_and_says_what_answered(run):
    result = run(LlmExtract(), LlmExtractParams(input="x", output_schema=SORTED)).result
    assert result == {"urgent": [], "can_wait": ["x"], "model": "offline heuristics", "offline": True}


@pytest.mark.requirement("ACT-06")
def test_a_property_of_the_authors_schema_is_the_authors(run):
    schema = {"type": "object", "properties": {"model": {"type": "string"}}}
    result = run(LlmExtract(), LlmExtractParams(input="Model: Golf", output_schema=schema)).result
    assert result == {"model": "Golf", "offline": True}


@pytest.mark.requirement("ACT-04")
def test_a_text_is_no_longer_than_asked_for(run):
    params = AiGenerateParams(prompt="Write a recap of these posts", input=[{"title": "A" * 300}] * 9, max_length=200)
    result = run(AiGenerate(), params).result
    assert 0 < len(result["text"]) <= 200
    assert result["offline"] is True


@pytest.mark.requirement("ACT-04")
def test_a_text_with_a_schema_is_the_object_beside_what_answered(run):
    schema = {"type": "object", "properties": {"subject": {"type": "string"}, "body": {"type": "string"}}}
    params = AiGenerateParams(prompt="Welcome the member", input={"display_name": "Ada"}, output_schema=schema)
    result = run(AiGenerate(), params).result
    assert set(result) == {"subject", "body", "model", "offline"}
    assert "Ada" in result["body"]


@pytest.mark.requirement("ACT-04")
def test_the_same_parameters_are_the_same_request_whatever_the_item(context):
    step, params = AiAnalyze(), AiAnalyzeParams(input={"b": 1, "a": 2}, prompt="Judge it")
    first, second = (step.prepare(Call(params, key), context) for key in ("run:8:main/a[0]", "run:8:main/a[1]"))
    assert first == second


@pytest.mark.requirement("ACT-10")
def test_without_a_model_a_picture_is_not_recognised_and_says_why(run):
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0"
    params = VisionAnalysisParams(image=base64.b64encode(png).decode())
    result = run(VisionAnalysis(), params).result
    assert set(result) == {field.name for field in VisionAnalysis.result}
    assert result["recognised"] is False
    assert "No AI model is connected" in result["description"]
    assert "640 by 480" in result["description"]


@pytest.mark.requirement("RUN-12")
def test_a_preview_has_the_shape_of_the_result_and_is_the_same_each_time(context):
    calls = (
        (AiAnalyze(), AiAnalyzeParams(input="I love it")),
        (AiGenerate(), AiGenerateParams(prompt="Thank the member")),
        (VisionAnalysis(), VisionAnalysisParams(image="aGVsbG8=")),
    )
    for step, params in calls:
        request = step.prepare(Call(params, "k"), context)
        assert set(step.preview(request)) == {field.name for field in step.result}
        assert step.preview(request) == step.preview(request)
        assert step.preview(request)["offline"] is True


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        (AiAnalyzeParams, {}),
        (AiAnalyzeParams, {"input": 1, "analysis": "aura"}),
        (AiAnalyzeParams, {"input": 1, "unknown": 2}),
        (AiGenerateParams, {"prompt": ""}),
        (AiGenerateParams, {"prompt": "p", "max_length": 5}),
        (LlmExtractParams, {"input": "x"}),
        (LlmExtractParams, {"input": "x", "output_schema": {"type": "array"}}),
        (LlmExtractParams, {"input": "x", "output_schema": {"type": "object", "properties": {}}}),
        (LlmExtractParams, {"input": "x", "output_schema": {"type": "object", "properties": {"a": {"$ref": "#"}}}}),
        (VisionAnalysisParams, {"image": ""}),
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(kind, params):
    with pytest.raises(ValidationError):
        kind.model_validate(params)
