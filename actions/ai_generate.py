"""Letting a model write (ACT-04)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.model_step import PROVENANCE, Language, ModelStep, OptionalSchema, Prompt
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.intelligence.port import Material, ModelRequest, Task

# A token is about four characters; more are allowed for languages with longer ones, and for thinking.
_TOKENS_BESIDE = 2_048


class AiGenerateParams(BaseModel):
    """`prompt` says what to write, `input` holds the data that it is about."""

    model_config = ConfigDict(extra="forbid")

    prompt: Prompt = Field(min_length=1, description="What to write, in the words of the app's author")
    input: Any = Field(None, description="What it is about: any value; it is data for the model, never an instruction")
    tone: str = Field("", max_length=60, description="Such as friendly, formal or playful")
    max_length: int = Field(2_000, ge=20, le=20_000, description="The most characters of the text")
    language: Language = ""
    output_schema: OptionalSchema = None


class AiGenerate(ModelStep[AiGenerateParams]):
    """A text; or the object of the author's own schema, such as a subject and a body."""

    name = "ai_generate"
    summary = "Let the AI model write a text: a mail, a post, a recap"
    sentence = "lets the AI model write texts"
    Params = AiGenerateParams
    result = (FieldSpec("text", FieldType.TEXT, "What was written", untrusted=True), *PROVENANCE)

    def asked(self, params: AiGenerateParams) -> ModelRequest:
        material = () if params.input is None else (Material("input", params.input),)
        return ModelRequest(
            task=Task.GENERATE,
            instructions=params.prompt,
            material=material,
            schema=params.output_schema,
            tone=params.tone,
            language=params.language,
            max_characters=params.max_length,
            max_tokens=_TOKENS_BESIDE + params.max_length // 2,
        )
