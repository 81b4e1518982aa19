"""Who can receive what: for every action that sends something, to whom or where (LNG-09)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.report.facts import Recipient
from apps_engine.language.report.words import code, field_words, reference_words, value_words
from apps_engine.language.templates import Template, compile_template

Step = Mapping[str, Any]

_SENT = {
    "email": "an e-mail",
    "notification": "a notification",
    "push": "a push message",
    "message": "a message",
    "webhook": "a call",
    "search": "a search",
}
_AUDIENCES = {"everyone": "every member", "team": "the team"}


def recipients(spec: ActionSpec, step: Step, loops: Mapping[str, Any], most: int) -> list[Recipient]:
    """Who receives what by one step; `loops` has the items of the loops around it by their names, `most` how often."""
    params = step.get("params") or {}
    target = next((name for name in spec.targets if name in params), None)
    who = "whom its service chooses" if target is None else _who(params[target], loops)
    return [Recipient(spec.name, _SENT.get(sent, f"a {sent}"), who, most) for sent in spec.sends]


def _who(value: Any, loops: Mapping[str, Any]) -> str:
    """The recipients that a parameter names, in words."""
    if isinstance(value, str):
        return _text(value, loops)
    if isinstance(value, dict) and isinstance(value.get("role"), str):
        role = value["role"]
        return f"every member with the role {code(role) if '{' in role else role}"
    if isinstance(value, list):
        return " and ".join(_who(one, loops) for one in value[:5]) + (" and others" if len(value) > 5 else "")
    return f"member {value}" if isinstance(value, int) else value_words(value, tuple(loops))


def _text(text: str, loops: Mapping[str, Any]) -> str:
    if "{{" not in text:
        plain = text.isidentifier()
        return _AUDIENCES.get(text, f"the {field_words(text)}" if plain else text)
    template = compile_template(text)
    reference = template.references[0] if len(template.references) == 1 and not template.filters else None
    if reference is None or not _bare(text, template):
        return code(text)
    if reference.root in loops:
        return _each(reference.root, loops[reference.root])
    return reference_words(reference, tuple(loops)).removesuffix("'s email")


def _bare(text: str, template: Template) -> bool:
    return text.strip().startswith("{{") and text.strip().endswith("}}") and text.count("{{") == 1


def _each(name: str, items: Any) -> str:
    """Each item of a loop, and what the loop goes over as it was written."""
    over = f" of {code(items)}" if isinstance(items, str) else f" of {len(items)}" if isinstance(items, list) else ""
    return f"each {field_words(name)}{over}"
