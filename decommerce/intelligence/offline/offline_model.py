"""What answers where no AI model is connected: heuristics over the form and the words of the material, and saying so.

Deterministic, without a call to anyone, and good enough to try an app out. Nothing here understands a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from decommerce.intelligence.image import size_of
from decommerce.intelligence.offline.composition import composed_text
from decommerce.intelligence.offline.filling import filled
from decommerce.intelligence.offline.finding import Finding
from decommerce.intelligence.offline.quality import quality
from decommerce.intelligence.offline.score import score
from decommerce.intelligence.offline.sentiment import sentiment
from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.offline.summary import summary
from decommerce.intelligence.offline.topics import topics
from decommerce.intelligence.offline.toxicity import toxicity
from decommerce.intelligence.port import Analysis, ModelAnswer, ModelRequest, Task
from decommerce.intelligence.sample import empty
from decommerce.intelligence.schema import faults

NAME = "offline heuristics"


class OfflineModel:
    """The model that is always there."""

    name = NAME
    offline = True

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """An answer that fits the request's schema; raises ModelAnswerInvalid where only a model could make one."""
        source = Source(_material(request))
        if request.schema is None:
            return ModelAnswer(NAME, text=composed_text(request, source), offline=True)
        return ModelAnswer(NAME, value=_OBJECTS[request.task](request, source), offline=True)


def _material(request: ModelRequest) -> Any:
    """The one piece as it is, several as a list; without any the author's own words."""
    if not request.material:
        return request.instructions
    values = [piece.value for piece in request.material]
    return values[0] if len(values) == 1 else values


def _analysed(request: ModelRequest, source: Source) -> dict[str, Any]:
    text = source.text
    found = _ANALYSES[request.analysis](text)
    about = topics(text)
    value = {
        "score": found.score,
        "label": found.label or (about[0] if about else "unclear"),
        "topics": about,
        "reasons": list(found.reasons),
        "summary": summary(text),
    }
    return value if not faults(value, request.schema or {}) else filled(request, source)


def _custom(text: str) -> Finding:
    """Whatever was asked: the judgement that says most, hostility first, then feeling, then form."""
    hostile = toxicity(text)
    if hostile.label != "safe":
        return hostile
    feeling = sentiment(text)
    return feeling if feeling.label != "neutral" else quality(text)


def _about(text: str) -> Finding:
    """How much of the text its main topics are."""
    found = topics(text)
    share = sum(text.lower().count(topic) for topic in found[:3]) * 12 / max(len(text.split()), 1)
    return Finding(score(share), "", (f"its most frequent words are {', '.join(found[:3])}",) if found else ())


def _looked_at(request: ModelRequest, source: Source) -> dict[str, Any]:
    """Nobody here can see: what the file's header says is all there is."""
    image = request.image
    size = size_of(image) if image else None
    measures = f" of {size.width} by {size.height} pixels" if size else ""
    kind = image.media_type.removeprefix("image/").upper() if image else "picture"
    reason = f"No AI model is connected, so nobody looked at this {kind}{measures}."
    return {**empty(request.schema or {}), "recognised": False, "reason": reason}


_ANALYSES: Mapping[Analysis, Callable[[str], Finding]] = {
    Analysis.QUALITY: quality,
    Analysis.SENTIMENT: sentiment,
    Analysis.TOXICITY: toxicity,
    Analysis.TOPICS: _about,
    Analysis.CUSTOM: _custom,
}
_OBJECTS: Mapping[Task, Callable[[ModelRequest, Source], dict[str, Any]]] = {
    Task.ANALYZE: _analysed,
    Task.GENERATE: filled,
    Task.EXTRACT: filled,
    Task.SEE: _looked_at,
}
