"""The built-in analyses: what each looks at, and the shape of every analysis that names no schema of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decommerce.intelligence.port import Analysis

MOST_TOPICS = 8
MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """`score` says what 0 and 1 mean; `labels` are the labels it chooses from, empty where it finds its own."""

    question: str
    score: str
    labels: Sequence[str] = ()


ANALYSES: Mapping[Analysis, AnalysisSpec] = {
    Analysis.QUALITY: AnalysisSpec(
        "How useful and well written is the material for the readers of an online community?",
        "0 is worthless, 1 is excellent",
        ("good", "fair", "poor"),
    ),
    Analysis.SENTIMENT: AnalysisSpec(
        "Which feeling does the material express?",
        "0 is very negative, 0.5 neither, 1 very positive",
        ("positive", "neutral", "negative"),
    ),
    Analysis.TOPICS: AnalysisSpec(
        "What is the material about? Name its topics, the main one first and as the label.",
        "how clearly it is about the main topic, 0 to 1",
    ),
    Analysis.TOXICITY: AnalysisSpec(
        "Does the material insult, threaten or harass anyone, or is it spam?",
        "0 is harmless, 1 is severe",
        ("safe", "borderline", "toxic"),
    ),
    Analysis.CUSTOM: AnalysisSpec("Do what the task says.", "as the task says, else how sure the label is, 0 to 1"),
}


def schema_of(analysis: Analysis) -> dict[str, Any]:
    """The schema of an analysis: score, label, topics, reasons, summary."""
    spec = ANALYSES[analysis]
    label = {"type": "string", "enum": list(spec.labels)} if spec.labels else {"type": "string", "maxLength": 80}
    return {
        "type": "object",
        "properties": {
            "score": {"type": "number", "minimum": 0, "maximum": 1, "description": spec.score},
            "label": label,
            "topics": {"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": MOST_TOPICS},
            "reasons": {"type": "array", "items": {"type": "string", "maxLength": 300}, "maxItems": MOST_REASONS},
            "summary": {"type": "string", "maxLength": 600, "description": "One or two sentences"},
        },
        "required": ["score", "label", "topics", "reasons", "summary"],
        "additionalProperties": False,
    }
