"""Where text that somebody else wrote ends up: what an app shows or sends of members, of a model, of the outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.report.facts import Exposure
from apps_engine.language.static_types import Origin
from apps_engine.language.templates import template_texts
from apps_engine.language.validate.templates import Reader

_WRITERS = {Origin.MEMBER: "members", Origin.OUTSIDE: "a model or the outside"}


def exposures(spec: ActionSpec, params: Mapping[str, Any], reader: Reader) -> Iterator[Exposure]:
    """The parameters of an action that others will see and that hold text which the app's author did not write."""
    if not (spec.writes or spec.sends):
        return
    for name, value in params.items():
        texts = [text for _, text in template_texts(value) if "{" in text]
        origin = max((reader.type_of(text).tainted for text in texts), default=Origin.PLATFORM)
        if origin:
            yield Exposure(spec.name, name, _WRITERS[Origin(origin)])
