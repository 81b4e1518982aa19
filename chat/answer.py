"""What a run answers, as a page shows it: its text, or the value itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps_engine.language import jsontext


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` for people to read; `value` is the JSON of what is more than that."""

    text: str
    value: str


def answer_of(response: Any) -> Answer | None:
    """The answer of a flow, None where it has none; a flow's `response` has its text in `template`."""
    if response in (None, "", [], {}):
        return None
    if isinstance(response, str):
        return Answer(response, "")
    if not isinstance(response, dict) or not isinstance(response.get("template"), str):
        return Answer("", jsontext.dumps(response, indent=2))
    rest = {key: part for key, part in response.items() if key != "template" and part}
    return Answer(response["template"], jsontext.dumps(rest, indent=2) if rest else "")
