"""Looking at pictures: through the real door, with the real SDK and a provider that speaks the real wire format."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from actions.outside_hosts import DomainNotPermitted
from actions.vision_analysis import PictureUnavailable, VisionAnalysis, VisionAnalysisParams
from apps_engine.contracts import Call, Request
from apps_engine.language.jsontext import dumps, loads
from decommerce.intelligence.errors import ImageRefused, ModelRefused
from decommerce.intelligence.image import MAX_BYTES
from decommerce.outgoing.allowlist import allow_domain, remove_domain
from decommerce.outgoing.errors import OutgoingDomainRefused, OutgoingUrlRefused
from decommerce.outgoing.models import OutgoingCall
from decommerce.tenancy.context import tenant_scope
from tests.anthropic_server import Answer, AnthropicServer, Refusal, Text, anthropic_server
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("ACT-10")

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0"
RECEIPT = {
    "type": "object",
    "properties": {"merchant": {"type": "string"}, "total": {"type": "number"}, "tip": {"type": ["number", "null"]}},
}


@pytest.fixture(scope="module")
def served() -> Iterator[AnthropicServer]:
    with anthropic_server() as server:
        yield server


@pytest.fixture
def provider(served, settings) -> AnthropicServer:
    """The connected model."""
    settings.ANTHROPIC_API_KEY = "sk-ant-of-the-test"
    settings.ANTHROPIC_BASE_URL = served.url
    served.script.clear()
    served.requests.clear()
    return served


@pytest.fixture
def allowed(tenant, principal, reachable) -> str:
    """The URL of a picture on a domain that the tenant allows."""
    with tenant_scope(tenant.pk):
        allow_domain(principal, "hooks.example.com")
    return f"{reachable}/receipt.png"


@pytest.fixture
def prepared(tenant, context):
    """A frozen request, as the engine stores it."""

    def prepare(**params) -> Request:
        with tenant_scope(tenant.pk):
            request = VisionAnalysis().prepare(Call(VisionAnalysisParams(**params), "run:8:main/see"), context)
        return Request(**loads(dumps({"kind": request.kind, "body": dict(request.body)})))

    return prepare


def says(value: object) -> Answer:
    """The model's answer."""
    return Answer((Text((json.dumps(value),)),))


def test_a_picture_is_fetched_through_the_door_and_shown_to_the_model(provider, allowed, prepared, receiver, context):
    receiver.answers["/receipt.png"] = reply("200 OK", PNG, Content_Type="text/html")
    provider.will(
        says({"recognised": True, "reason": "", "answer": {"merchant": "Luigi", "total": 47.52, "tip": None}})
    )
    response = VisionAnalysis().send(prepared(image=allowed, output_schema=RECEIPT, prompt="Read the receipt"), context)
    assert response.result == {
        "recognised": True,
        "merchant": "Luigi",
        "total": Decimal("47.52"),
        "tip": None,
        "model": "claude-sonnet-5-5",
        "offline": False,
    }
    assert response.usage == {"ai_tokens_in": 942, "ai_tokens_out": 25}
    picture, words = provider.requests[0]["messages"][0]["content"]
    assert picture["source"]["media_type"] == "image/png", "by its bytes, whatever its server says"
    assert base64.b64decode(picture["source"]["data"]) == PNG
    assert "Read the receipt" in words["text"]


@pytest.mark.requirement("SEC-01")
def test_the_fetch_is_in_the_tenants_log_and_in_no_other(
    provider, allowed, prepared, receiver, context, tenant, other_tenant
):
    receiver.answers["/receipt.png"] = reply("200 OK", b"no picture")
    VisionAnalysis().send(prepared(image=allowed), context)
    with tenant_scope(tenant.pk):
        (call,) = OutgoingCall.objects.all()
        assert (call.path, call.status, call.execution_id) == ("/receipt.png", 200, context.execution_id)
    with tenant_scope(other_tenant.pk):
        assert not OutgoingCall.objects.exists()


def test_what_the_model_does_not_recognise_is_an_answer_with_nothing_in_it(provider, prepared, context):
    provider.will(says({"recognised": False, "reason": "It is all black.", "answer": None}))
    result = (
        VisionAnalysis().send(prepared(image=base64.b64encode(PNG).decode(), output_schema=RECEIPT), context).result
    )
    assert (result["recognised"], result["merchant"], result["total"], result["tip"]) == (False, "", 0, None)


def test_without_a_schema_it_says_what_it_sees_or_why_not(provider, prepared, context):
    image = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    provider.will(
        says({"recognised": True, "reason": "", "answer": {"description": "A cat", "text": "", "labels": ["cat"]}}),
        says({"recognised": False, "reason": "It is all black.", "answer": None}),
    )
    seen = VisionAnalysis().send(prepared(image=image), context).result
    assert (seen["recognised"], seen["description"], seen["labels"]) == (True, "A cat", ["cat"])
    unseen = VisionAnalysis().send(prepared(image=image), context).result
    assert (unseen["recognised"], unseen["description"], unseen["labels"]) == (False, "It is all black.", [])


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"<svg/>", b"RIFF....WAVE", b"\x89PNG"])
def test_a_file_that_is_no_picture_is_not_shown_to_anyone(provider, allowed, prepared, receiver, context, data):
    receiver.answers["/receipt.png"] = reply("200 OK", data, Content_Type="image/png")
    result = VisionAnalysis().send(prepared(image=allowed, output_schema=RECEIPT), context).result
    assert (result["recognised"], result["model"], result["offline"]) == (False, "none", True)
    assert provider.requests == []


@pytest.mark.parametrize("refusal", [Refusal(400, "invalid_request_error"), Refusal(413, "request_too_large")])
def test_a_picture_that_the_provider_does_not_take_is_not_recognised(provider, prepared, context, refusal):
    provider.will(refusal, refusal)
    result = VisionAnalysis().send(prepared(image=base64.b64encode(PNG).decode()), context).result
    assert result["recognised"] is False
    assert "does not take this picture" in result["description"]
    assert (result["model"], result["offline"]) == ("claude-sonnet-5-5", False)


def test_a_refusal_of_the_model_is_an_error_and_no_empty_answer(provider, prepared, context):
    provider.will(Answer((Text(("I cannot",)),), "refusal"))
    with pytest.raises(ModelRefused):
        VisionAnalysis().send(prepared(image=base64.b64encode(PNG).decode()), context)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        ("https://evil.example/x.png", OutgoingDomainRefused),
        ("https://not-named.example/x.png", DomainNotPermitted),
        ("http://hooks.example.com/x.png", OutgoingUrlRefused),
        ("https://169.254.169.254/latest/meta-data", OutgoingUrlRefused),
        ("file:///etc/passwd", ImageRefused),
        ("not base64!", ImageRefused),
    ],
)
def test_what_is_neither_an_allowed_address_nor_base64_is_refused_before_it_is_claimed(
    allowed, prepared, receiver, image, error
):
    with pytest.raises(error) as refused:
        prepared(image=image)
    assert not refused.value.sent
    assert receiver.accepted == 0


def test_twenty_megabytes_are_the_most(prepared, allowed, receiver, context, provider):
    edge = PNG + b"\0" * (MAX_BYTES - len(PNG))
    prepared(image=base64.b64encode(edge).decode())
    with pytest.raises(ImageRefused) as refused:
        prepared(image=base64.b64encode(edge + b"\0").decode())
    assert "20 MB" in refused.value.message
    receiver.answers["/receipt.png"] = reply("200 OK", edge + b"\0")
    with pytest.raises(ImageRefused) as too_large:
        VisionAnalysis().send(prepared(image=allowed), context)
    assert (too_large.value.code, provider.requests) == ("image_refused", [])


@pytest.mark.parametrize(("status", "retryable"), [("404 Not Found", False), ("503 Unavailable", True)])
def test_a_picture_that_its_server_does_not_give_is_an_error(
    provider, allowed, prepared, receiver, context, status, retryable
):
    receiver.answers["/receipt.png"] = reply(status)
    with pytest.raises(PictureUnavailable) as failed:
        VisionAnalysis().send(prepared(image=allowed), context)
    assert (failed.value.code, failed.value.retryable) == ("image_unavailable", retryable)


def test_a_domain_removed_after_the_claim_is_not_called(
    provider, allowed, prepared, receiver, context, tenant, principal
):
    request = prepared(image=allowed)
    with tenant_scope(tenant.pk):
        remove_domain(principal, "hooks.example.com")
    with pytest.raises(OutgoingDomainRefused):
        VisionAnalysis().send(request, context)
    assert receiver.accepted == 0


@pytest.mark.requirement("RUN-12")
def test_a_preview_shows_a_sample_that_fits_and_says_so(allowed, prepared, receiver):
    preview = VisionAnalysis().preview(prepared(image=allowed, output_schema=RECEIPT))
    assert preview == {
        "recognised": True,
        "merchant": "Sample merchant",
        "total": Decimal("47.52"),
        "tip": Decimal("47.52"),
        "model": "a sample",
        "offline": True,
    }
    assert receiver.accepted == 0
