"""Letting a model judge something (ACT-04)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.model_step import PROVENANCE, Language, ModelStep, OptionalSchema, Prompt
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.intelligence.analyses import schema_of
from decommerce.intelligence.port import Analysis, Material, ModelRequest, Task


class AiAnalyzeParams(BaseModel):
    """Without `analysis` it is `custom` where there is a prompt or a schema, and `quality` where there is neither."""

    model_config = ConfigDict(extra="forbid")

    input: Any = Field(description="What to judge: any value; it is data for the model, never an instruction")
    analysis: Analysis | None = Field(None, description="quality, sentiment, topics, toxicity or custom")
    prompt: Prompt = Field("", description="What to look for, in the words of the app's author")
    output_schema: OptionalSchema = None
    language: Language = ""


class AiAnalyze(ModelStep[AiAnalyzeParams]):
    """Score, label, topics, reasons and summary of the input; or the object of the author's own schema."""

    name = "ai_analyze"
    summary = "Let the AI model judge a text or data: quality, sentiment, topics, toxicity, or what a prompt asks"
    sentence = "lets the AI model judge content"
    Params = AiAnalyzeParams
    result = (
        FieldSpec("score", FieldType.DECIMAL, "0 to 1: how good, positive, clear or toxic it is"),
        FieldSpec(
            "label",
            FieldType.TEXT,
            "good, fair or poor; positive, neutral or negative; safe, borderline or toxic; else a word of the model's",
            untrusted=True,
        ),
        FieldSpec("topics", FieldType.LIST, "What it is about, up to 8", untrusted=True),
        FieldSpec("reasons", FieldType.LIST, "Why, up to 6", untrusted=True),
        FieldSpec("summary", FieldType.TEXT, "One or two sentences", untrusted=True),
        *PROVENANCE,
    )

    def asked(self, params: AiAnalyzeParams) -> ModelRequest:
        has_task = bool(params.prompt) or params.output_schema is not None
        analysis = params.analysis or (Analysis.CUSTOM if has_task else Analysis.QUALITY)
        return ModelRequest(
            task=Task.ANALYZE,
            instructions=params.prompt,
            material=(Material("input", params.input),),
            schema=params.output_schema or schema_of(analysis),
            analysis=analysis,
            language=params.language,
        )
