"""Letting a model look at a picture (ACT-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.call_log import keep
from actions.model_step import PROVENANCE, Language, ModelStep, OptionalSchema, Prompt
from actions.outside_hosts import require_named
from apps_engine.contracts import ActionContext, Call, Request, Response
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.intelligence.answering import LONGEST_SECONDS, answer_of
from decommerce.intelligence.choice import chosen_model
from decommerce.intelligence.errors import ImageRefused, ModelRequestRefused
from decommerce.intelligence.frozen import frozen, thawed
from decommerce.intelligence.image import MAX_BYTES, decoded, recognised_image, too_large
from decommerce.intelligence.port import ModelAnswer, ModelRequest, Task
from decommerce.intelligence.sample import sample
from decommerce.intelligence.sight import SEEN, seen, sight_schema, unseen
from decommerce.outgoing.allowlist import policy_for_current_tenant
from decommerce.outgoing.door import send
from decommerce.outgoing.errors import OutgoingError, OutgoingTooLarge
from decommerce.outgoing.request import OutgoingRequest
from decommerce.outgoing.retry_after import retry_after_of
from decommerce.outgoing.urls import parse_url
from decommerce.tenancy.context import tenant_scope

FETCH_SECONDS = 20


class PictureUnavailable(ImageRefused):
    """Its server did not give it."""

    code = "image_unavailable"
    status = 502
    sent = True


class VisionAnalysisParams(BaseModel):
    """`image` is an https address of an allowed domain, a `data:` URL or base64; PNG, JPEG, GIF or WebP up to 20 MB."""

    model_config = ConfigDict(extra="forbid")

    image: str = Field(
        min_length=1, description="https URL of a domain that the tenant allows, or base64; at most 20 MB"
    )
    prompt: Prompt = Field("", description="What to look for, in the words of the app's author")
    output_schema: OptionalSchema = None
    language: Language = ""


class VisionAnalysis(ModelStep[VisionAnalysisParams]):
    """What a picture shows. What cannot be read is an answer too: `recognised` is false, and everything else empty."""

    name = "vision_analysis"
    summary = "Let the AI model look at a picture: what it shows, or the object that a schema describes"
    sentence = "lets the AI model look at pictures"
    Params = VisionAnalysisParams
    result = (
        FieldSpec("recognised", FieldType.BOOLEAN, "Whether the picture could be read"),
        FieldSpec("description", FieldType.TEXT, "What it shows, or why it could not be read", untrusted=True),
        FieldSpec("text", FieldType.TEXT, "The text in the picture", untrusted=True),
        FieldSpec("labels", FieldType.LIST, "What is in it, up to 12 words", untrusted=True),
        *PROVENANCE,
    )
    targets = ("image",)

    def asked(self, params: VisionAnalysisParams) -> ModelRequest:
        return ModelRequest(
            task=Task.SEE,
            instructions=params.prompt,
            schema=params.output_schema or SEEN,
            language=params.language,
        )

    def prepare(self, call: Call[VisionAnalysisParams], context: ActionContext) -> Request:
        image = call.params.image.strip()
        if _is_address(image):
            policy = policy_for_current_tenant()
            host = parse_url(image, policy.ports).host
            require_named(host, context)
            policy.require(host)
        else:
            decoded(image)
        body = {**frozen(self.asked(call.params)), "image": image}
        return Request(self.name, body, deadline_seconds=LONGEST_SECONDS + FETCH_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        asked = thawed(request.body)
        schema: Mapping[str, Any] = asked.schema or SEEN
        answer = _looked_at(asked, schema, _bytes_of(request.body["image"], context), context)
        return Response(self.as_result(answer), answer.usage.as_counts())

    def preview(self, request: Request) -> Mapping[str, Any]:
        schema = thawed(request.body).schema
        return self.as_result(ModelAnswer("a sample", value={"recognised": True, **sample(schema)}, offline=True))


def _looked_at(asked: ModelRequest, schema: Mapping[str, Any], data: bytes, context: ActionContext) -> ModelAnswer:
    """What the model sees; a file that is no picture, or none for the provider, is an answer too."""
    picture = recognised_image(data)
    if picture is None:
        return unseen(schema, "The file is no PNG, JPEG, GIF or WebP picture.")
    try:
        whole = answer_of(replace(asked, image=picture, schema=sight_schema(schema)), context.tenant_id)
    except ModelRequestRefused:
        reason = "The AI provider does not take this picture: it is broken, or too large for it."
        return unseen(schema, reason, chosen_model().name)
    return seen(whole, schema)


def _is_address(image: str) -> bool:
    return image[:8].lower().startswith(("https://", "http://"))


def _bytes_of(image: str, context: ActionContext) -> bytes:
    """The picture, from its address through the door or from the text itself."""
    if not _is_address(image):
        return decoded(image)
    with tenant_scope(context.tenant_id):
        policy = policy_for_current_tenant()
    wanted = OutgoingRequest(url=image, method="GET", timeout_seconds=FETCH_SECONDS, max_bytes=MAX_BYTES)
    try:
        answer = send(wanted, policy)
    except OutgoingError as error:
        keep(error.record, context)
        if isinstance(error, OutgoingTooLarge):
            raise too_large() from error
        raise
    keep(answer.record, context)
    if answer.status != 200:
        raise PictureUnavailable(
            f"{answer.record.host} answered with the status {answer.status}.",
            hint="Check the picture's address.",
            retryable=answer.status >= 500 or answer.status in {408, 429},
            retry_after=retry_after_of(answer.headers.get("retry-after")),
        )
    return answer.body
